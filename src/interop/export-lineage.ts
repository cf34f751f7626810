import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { collectRunFacts } from '../execute/collect-run-facts.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';
import { findRun } from '../run/find-run.js';

export interface ExportedRun {
  readonly run: RunId;
  readonly events: readonly JsonObject[];
}

/** A run that has ended, as events for a lineage system. */
export async function exportLineage(
  services: Pick<Services, 'registry' | 'files' | 'memo' | 'lineageEvents'>,
  id: string,
): Promise<Result<ExportedRun, Failure>> {
  const found = findRun(services, id);
  if (!found.ok) return found;
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const facts = collectRunFacts(services, found.value);
  if (facts === undefined)
    return err({
      code: 'usage',
      problem: `run ${found.value.id} has not ended: there is no last event yet`,
      next: 'export it when it has, or another: see "refit runs"',
    });
  return ok({ run: found.value.id, events: services.lineageEvents.ofRun(facts, settings.value.lineageNamespace) });
}
