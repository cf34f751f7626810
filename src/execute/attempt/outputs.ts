import type { RunId, StepName, WorkspacePath } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { OutputBackup } from '../../domain/ports/records/run-records.js';
import type { Services } from '../../domain/ports/services.js';
import { onDisk } from '../../domain/support/world-failure.js';

/** Every path that a step writes: its outputs and its metrics files. */
export const pathsWritten = (step: Step): readonly WorkspacePath[] => [
  ...new Set([...step.outputs.map((output) => output.path), ...step.metricsPaths]),
];

/** What exists where the step will write, and where to keep it meanwhile. Without `asidePath` nothing exists there. */
export async function findOutputs(
  services: Pick<Services, 'files'>,
  { run, step, paths }: { readonly run: RunId; readonly step: StepName; readonly paths: readonly WorkspacePath[] },
): Promise<readonly OutputBackup[]> {
  const found: OutputBackup[] = [];
  for (const [i, path] of paths.entries()) {
    const isThere = (await services.files.stat(path)) !== undefined;
    found.push({ run, step, path, ...(isThere ? { asidePath: asidePathOf(run, step, i) } : {}) });
  }
  return found;
}

const asidePathOf = (run: RunId, step: StepName, i: number): WorkspacePath =>
  `.refit/aside/${run}/${step}/${i}` as WorkspacePath;

/** Moves old outputs aside. The journal rows are on disk first, so that a crash after the move can be repaired. */
export async function moveOutputsAside(
  services: Pick<Services, 'files'>,
  outputs: readonly OutputBackup[],
): Promise<void> {
  for (const { path, asidePath } of outputs) if (asidePath !== undefined) await services.files.move(path, asidePath);
}

/**
 * The step failed: removes what it wrote and moves the last good output back. What had not been moved aside yet stays where it is.
 * False if the disk refuses: then the journal keeps its rows, and the next command under the lock puts the outputs back.
 */
export async function bringOutputsBack(
  { files, emit }: Pick<Services, 'files' | 'emit'>,
  outputs: readonly OutputBackup[],
): Promise<boolean> {
  const done = await onDisk(async () => {
    for (const { path, asidePath } of outputs)
      if (asidePath === undefined) await files.remove(path);
      else if ((await files.stat(asidePath)) !== undefined) await files.move(asidePath, path);
  });
  if (done.ok) return true;
  const text = 'the last good outputs could not be put back now: the next run does it first';
  emit({ type: 'warning', code: 'output-not-restored', text });
  return false;
}

/** The step succeeded, its outputs are stored and recorded, and the journal is closed: deletes the old outputs. */
export async function dropMovedOutputs(
  services: Pick<Services, 'files'>,
  outputs: readonly OutputBackup[],
): Promise<void> {
  for (const { asidePath } of outputs) if (asidePath !== undefined) await services.files.remove(asidePath);
}
