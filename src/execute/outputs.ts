import type { RunId, StepName, WorkspacePath } from '../domain/ids.js';
import type { Step } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';

/** Every path a step writes: its outputs and its metrics file. */
export const pathsWritten = (step: Step): readonly WorkspacePath[] => [
  ...new Set([
    ...step.outputs.map((output) => output.path),
    ...(step.metricsPath === undefined ? [] : [step.metricsPath]),
  ]),
];

export interface MovedOutput {
  readonly backup: number;
  readonly path: WorkspacePath;
  readonly asidePath: WorkspacePath;
}

type Need = Pick<Services, 'files' | 'registry'>;

/** Moves what the step will write out of its way. The journal row comes first: a crash after the move is repaired from it. */
export async function moveOutputsAside(
  services: Need,
  run: RunId,
  step: StepName,
  paths: readonly WorkspacePath[],
): Promise<readonly MovedOutput[]> {
  const moved: MovedOutput[] = [];
  for (const [i, path] of paths.entries()) {
    if ((await services.files.stat(path)) === undefined) continue;
    const asidePath = `.refit/aside/${run}/${step}/${i}` as WorkspacePath;
    const backup = services.registry.runs.openBackup({ run, step, path, asidePath });
    await services.files.move(path, asidePath);
    moved.push({ backup, path, asidePath });
  }
  return moved;
}

/** The step failed: what it left is taken away, the last good output comes back. */
export async function bringOutputsBack(
  services: Need,
  moved: readonly MovedOutput[],
  written: readonly WorkspacePath[],
): Promise<void> {
  for (const path of written) if (!moved.some((one) => one.path === path)) await services.files.remove(path);
  for (const { backup, path, asidePath } of moved) {
    await services.files.move(asidePath, path);
    services.registry.runs.closeBackup(backup);
  }
}

/** The step succeeded and its outputs are stored. */
export async function dropMovedOutputs(services: Need, moved: readonly MovedOutput[]): Promise<void> {
  for (const { backup, asidePath } of moved) {
    services.registry.runs.closeBackup(backup);
    await services.files.remove(asidePath);
  }
}
