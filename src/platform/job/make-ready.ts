import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FetchFile } from '../../domain/ports/staging.js';
import type { JobTry } from '../../domain/runs/job-files.js';
import { STORE_UNREACHABLE, type StagedResult, type StagedSpec, treeIn } from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { waitFor } from '../../domain/support/wait.js';
import { onThisDisk, writeTree } from '../staging/write-tree.js';
import { PAUSES_MS, type StoreSide } from './store-side.js';

/**
 * Parses the order of a job. Rejects any text but the one that refit wrote: another order would run with the secrets of
 * the step.
 */
export function specIn(text: string, sha256: string): Result<StagedSpec, StagingProblem> {
  const problem = { doing: 'fetch', path: 'the order of the job', cause: 'damaged' } as const;
  const found = createHash('sha256').update(text).digest('hex');
  if (found !== sha256) return err({ ...problem, reason: `its sha256 is ${found}, expected ${sha256}` });
  const spec = JSON.parse(text) as StagedSpec;
  const inputs = treeIn(spec.inputs);
  return inputs === undefined
    ? err({ ...problem, reason: 'its inputs are no tree of files' })
    : ok({ ...spec, inputs });
}

/** Reports that the command of a job could not be started. Losing this result loses no work. */
export async function refuse(
  side: StoreSide,
  problem: StagingProblem,
  more: Pick<StagedResult, 'node' | 'isTold'>,
): Promise<number> {
  const reason = `${problem.path}: ${problem.reason}`;
  const result = { durationMs: 0, outputs: [], ...more, outcome: { kind: 'not-started', reason } } as const;
  for (const pauseMs of [...PAUSES_MS, 0]) {
    const word = await side.word();
    if (word === 'unwanted') return 1;
    if (word === 'wanted' && (await side.tell({ ...result, problem }))) return 1;
    await waitFor(pauseMs);
  }
  return STORE_UNREACHABLE;
}

interface Place {
  readonly spec: StagedSpec;
  readonly current: JobTry;
  /** The folder that the command sees as its workspace. */
  readonly root: string;
  readonly told: { readonly signal: AbortSignal };
}

/** Fetches the inputs of the command and the checkpoint of the previous try. */
export async function makeReady(side: StoreSide, { spec, current, root, told }: Place) {
  const former = spec.checkpoint === undefined ? undefined : await side.formerCheckpoint(spec.checkpoint);
  if (former?.ok === false) return former;
  const inputs =
    former?.value === undefined
      ? spec.inputs
      : [...spec.inputs.filter(({ path }) => !isAtOrBelow(path, spec.checkpoint ?? '')), ...former.value];
  const fetch: FetchFile = async (file, to) =>
    told.signal.aborted
      ? err({ doing: 'fetch', path: file.path, cause: 'unreachable', reason: 'interrupted' })
      : side.fetch(file, to);
  const written = await writeTree(root, inputs, fetch);
  if (!written.ok) {
    await side.dropDamaged(inputs, written.error);
    return written;
  }
  const folders = [...spec.outputs, current.metricsPath].map((path) => join(root, path, '..'));
  return onThisDisk({ doing: 'fetch', path: current.metricsPath }, async () => {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    if (spec.checkpoint !== undefined) mkdirSync(join(root, spec.checkpoint), { recursive: true });
    return { ok: true, value: undefined } as const;
  });
}
