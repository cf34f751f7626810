import type { Services } from '../domain/ports/services.js';
import { executorFault } from '../pipeline/executor-faults.js';
import { readablePipelines } from '../pipeline/shared-names.js';
import { loadWorkspaceSettings } from '../pipeline/workspace-settings.js';
import type { Ailment } from './views/upkeep-view.js';

/** Steps that cannot be executed where their pipeline says: a profile that is not there, a program that is not installed. */
export async function executorAilments(services: Services): Promise<readonly Ailment[]> {
  const loaded = await loadWorkspaceSettings(services);
  const settings = loaded.ok ? (loaded.value.executors ?? {}) : undefined;
  // What is wrong with refit.yaml itself, "validate" reports.
  if (settings === undefined) return [];
  const steps = (await readablePipelines(services)).flatMap((pipeline) => pipeline.steps);
  const faults = steps.flatMap((step) => executorFault(services, step, step.executor, settings) ?? []);
  const byText = new Map(faults.map((fault) => [fault.problem, fault]));
  return [...byText.values()].map(({ code, problem, next }) => ({ code, what: problem, remedy: next }));
}
