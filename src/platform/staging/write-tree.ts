import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FetchFile, StagedFile } from '../../domain/ports/staging.js';
import type { StagedEntry } from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { reasonOf, systemCode } from '../../domain/support/system-error.js';

const FILES_AT_ONCE = 8;

/** sha256 of a file, in hex. Throws Node's errors. */
export async function hashOf(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(createReadStream(path), sum);
  return sum.digest('hex');
}

/** What the disk of this machine refuses. Anything else is thrown. */
export async function onThisDisk<T>(
  { doing, path }: Pick<StagingProblem, 'doing' | 'path'>,
  work: () => Promise<Result<T, StagingProblem>>,
): Promise<Result<T, StagingProblem>> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return err({ doing, path, cause: 'disk', reason: reasonOf(error) });
  }
}

/** Writes entries below `base`, where none of them is yet. Each file is compared with its hash. */
export async function writeTree(
  base: string,
  entries: readonly StagedEntry[],
  fetch: FetchFile,
): Promise<Result<void, StagingProblem>> {
  const folders = entries.flatMap((one) => (one.kind === 'folder' ? [one] : []));
  const files = entries.flatMap((one) => (one.kind === 'file' ? [one] : []));
  const first = entries[0]?.path ?? '';
  const made = await onThisDisk({ doing: 'fetch', path: first }, async () => {
    for (const { path } of folders) await mkdir(join(base, path), { recursive: true });
    for (const { path } of entries) await mkdir(dirname(join(base, path)), { recursive: true });
    return ok(undefined);
  });
  if (!made.ok) return made;
  const written = await mapInParallel(files, FILES_AT_ONCE, (file) => writeFile(base, file, fetch));
  if (!written.ok) return written;
  return onThisDisk({ doing: 'fetch', path: first }, async () => {
    for (const entry of entries) if (entry.kind === 'link') await symlink(entry.target, join(base, entry.path));
    // The deepest first: a folder may not be writable.
    for (const { path, mode } of folders.toReversed()) await chmod(join(base, path), mode);
    return ok(undefined);
  });
}

function writeFile(base: string, file: StagedFile, fetch: FetchFile): Promise<Result<void, StagingProblem>> {
  const { path, hash, mode } = file;
  return onThisDisk({ doing: 'fetch', path }, async () => {
    const full = join(base, path);
    const fetched = await fetch(file, full);
    if (!fetched.ok) return fetched;
    const found = await hashOf(full);
    if (found !== hash)
      return err({ doing: 'fetch', path, cause: 'damaged', reason: `its sha256 is ${found}, expected ${hash}` });
    await chmod(full, mode);
    return ok(undefined);
  });
}
