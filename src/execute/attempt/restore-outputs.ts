import type { Failure } from '../../domain/failure.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { RememberedExecution } from '../../domain/pipeline/plan.js';
import type { Services } from '../../domain/ports/services.js';
import { pathsWritten } from './outputs.js';

/** Puts the stored outputs of a step in place. False, with a warning, where one is damaged or cannot be written. */
export async function restoreOutputs(services: Services, step: Step, stored: RememberedExecution): Promise<boolean> {
  for (const path of pathsWritten(step)) {
    const output = stored.outputs.find((one) => one.path === path);
    const restored = output === undefined ? undefined : await services.artifacts.restore(output.hash, path);
    if (restored?.ok) continue;
    services.emit({ type: 'warning', code: 'damaged-object', text: notRestored(step, path, restored?.error) });
    return false;
  }
  return true;
}

const notRestored = (step: Step, path: string, failure: Failure | undefined): string =>
  failure?.code === 'file-unwritable'
    ? `the stored ${path} cannot be put in place (${failure.reason}); "${step.name}" runs again`
    : `the stored ${path} is damaged; "${step.name}" runs again`;
