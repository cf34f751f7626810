import type { DecisionKind } from '../domain/decisions/decision.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { listPipelineFiles, loadPipeline, recordedName } from '../pipeline/load-pipeline.js';
import { careOf } from './attention.js';
import { decisionsView } from './views/decisions-view.js';

/** Decisions of all pipelines, or of one by name or file, with the pipelines' owners and reviews. */
export async function listDecisions(
  services: Services,
  nameOrFile: string | undefined,
  filter: { readonly limit: number; readonly decision?: DecisionKind },
): Promise<Result<View, Failure>> {
  const name = nameOrFile === undefined ? ok(undefined) : await recordedName(services, nameOrFile);
  if (!name.ok) return name;
  const { decisions } = services.registry;
  const found = decisions.list({
    limit: filter.limit,
    decision: filter.decision,
    pipeline: name.value,
  });
  const when = { now: services.clock.now(), isNowGiven: false };
  const care = [];
  for (const file of await listPipelineFiles(services)) {
    const loaded = await loadPipeline(services, file, { isSilent: true });
    // A file that is invalid now has no owner to show, but its decisions are listed.
    if (loaded.ok && found.some((one) => one.pipeline === loaded.value.pipeline.name))
      care.push({ pipeline: loaded.value.pipeline.name, ...careOf(services, loaded.value.pipeline, when) });
  }
  return ok(
    decisionsView(
      found.map((decision) => ({ decision, outcome: decisions.outcome(decision.id) })),
      care,
    ),
  );
}
