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

/** The events of an ended run for a lineage system. Fails with `usage` if the run has not ended. */
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
      problem: `run ${found.value.id} has not ended, so its events are incomplete`,
      next: 'export it after it has ended, or choose another run: see "refit runs"',
    });
  return ok({ run: found.value.id, events: services.lineageEvents.ofRun(facts, settings.value.lineageNamespace) });
}
