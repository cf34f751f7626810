import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { Fingerprint, RunId } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';

type OnDisk = Pick<Services, 'files'>;

/** The work that a checkpoint is part of. It may be continued only by the same work. */
export interface CheckpointWork {
  readonly run: RunId;
  /** Without one, the work ends with its run. */
  readonly fingerprint?: Fingerprint;
  /** Start from the beginning. */
  readonly isForced: boolean;
}

/**
 * Makes the step's checkpoint folder ready for its first attempt. Empties it if it belongs to other work, and refuses a folder
 * with files that refit did not make.
 */
export async function prepareCheckpoint(
  { files }: OnDisk,
  { name, checkpoint }: Step,
  { run, fingerprint, isForced }: CheckpointWork,
): Promise<Result<void, Failure>> {
  if (checkpoint === undefined) return ok(undefined);
  const marker = markerOf(checkpoint);
  const owner = await ownerOf(files, marker, checkpoint);
  const wanted = fingerprint ?? `run ${run}`;
  if (owner === undefined && !(await isEmpty(files, checkpoint)))
    return err({ code: 'checkpoint-foreign', step: name, path: checkpoint });
  if (owner !== undefined && (isForced || owner !== wanted)) await files.remove(checkpoint);
  await files.makeFolder(checkpoint);
  const folder = files.identityOfFolder(checkpoint);
  return files.writeText(marker, `${JSON.stringify({ path: checkpoint, step: name, owner: wanted, folder })}\n`);
}

/** Whether an earlier attempt left something there. */
export const hasCheckpoint = async ({ files }: OnDisk, { checkpoint }: Step): Promise<boolean> =>
  checkpoint !== undefined && (await files.listFolder(checkpoint)).length > 0;

/** The step has succeeded, and its result is on disk. */
export async function clearCheckpoint({ files }: OnDisk, { checkpoint }: Step): Promise<void> {
  if (checkpoint === undefined) return;
  const marker = markerOf(checkpoint);
  if ((await ownerOf(files, marker, checkpoint)) !== undefined) await files.remove(checkpoint);
  // Last: without it, refit would refuse the files that are still there.
  await files.remove(marker);
}

/** A file beside the registry says whose the folder is: what the step writes into the folder is its own business. */
const markerOf = (path: string): string =>
  `.refit/checkpoints/${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`;

/**
 * The work whose checkpoint the folder is. `undefined`: refit did not make the folder that is there now. One that was put in its
 * place, also behind a folder that is a link, belongs to somebody else.
 */
async function ownerOf(files: Services['files'], marker: string, path: string): Promise<string | undefined> {
  if ((await files.stat(marker)) === undefined) return undefined;
  const text = await files.readText(marker);
  if (!text.ok) return undefined;
  try {
    const { owner, folder } = JSON.parse(text.value) as { readonly owner?: unknown; readonly folder?: unknown };
    return typeof folder === 'string' && folder === files.identityOfFolder(path) ? String(owner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nothing or an empty folder is there. */
async function isEmpty(files: Services['files'], path: string): Promise<boolean> {
  const there = await files.stat(path);
  return there === undefined || (there.kind === 'folder' && (await files.listFolder(path)).length === 0);
}
