import { linkSync, type Stats } from 'node:fs';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { copyNew, syncPath, writeNew } from '../../platform/durable-files.js';
import { codeOf } from '../file-failures.js';
import type { FileHash } from '../hashing/hash-file.js';
import { SMALL_BYTES, type Store, statOf } from '../layout.js';
import { restoredMode } from '../modes.js';
import { damaged, lost, readVerified, setAside } from '../verify.js';

export interface Staging {
  readonly hash: ContentHash;
  /** Path of the file to create. Must not exist. */
  readonly staged: string;
  /** Defaults to the mode of the stored object. */
  readonly isExecutable?: boolean;
  /** For files that nobody should change: what is served. */
  readonly isReadOnly?: boolean;
}

/** Creates a durable file from a stored object and verifies its bytes. Throws Node's errors of writing. */
export async function stageFile(store: Store, staging: Staging): Promise<Result<Artifact, Failure>> {
  const object = store.objectOf(staging.hash);
  const found = objectStat(store, object, staging.hash);
  if (!found.ok) return found;
  const wasExecutable = (found.value.mode & 0o100) !== 0;
  const isExecutable = staging.isExecutable ?? wasExecutable;
  const mode = restoredMode(found.value.mode, { isExecutable, isReadOnly: staging.isReadOnly ?? false });
  const made =
    store.hasHardLinks && isExecutable === wasExecutable
      ? await stageLink(store, object, staging)
      : found.value.size <= SMALL_BYTES
        ? await stageSmall(store, object, { ...staging, mode })
        : await stageLarge(store, object, { ...staging, mode });
  return made.ok ? ok({ hash: staging.hash, kind: 'file', size: found.value.size }) : made;
}

function objectStat(store: Store, object: string, hash: ContentHash): Result<Stats, Failure> {
  try {
    const found = statOf(object);
    return found === undefined ? err(damaged(hash, 'nothing')) : ok(found);
  } catch (error) {
    return err(lost(store, object, hash, codeOf(error)));
  }
}

async function stageSmall(
  store: Store,
  object: string,
  { hash, staged, mode }: Staging & { readonly mode: number },
): Promise<Result<void, Failure>> {
  const bytes = await readVerified(store, object, hash);
  return bytes.ok ? ok(await writeNew(staged, bytes.value, mode)) : bytes;
}

async function stageLarge(
  store: Store,
  object: string,
  { hash, staged, mode }: Staging & { readonly mode: number },
): Promise<Result<void, Failure>> {
  await copyNew(object, staged, mode);
  const [[copy]] = await Promise.all([
    store.pool.hash([{ path: staged, size: statOf(staged)?.size ?? 0 }]),
    syncPath(staged),
  ]);
  return proved(store, object, hash, copy);
}

/** Creates a hard link to the store's own read-only file. A program that writes to it anyway damages the store. */
async function stageLink(store: Store, object: string, { hash, staged }: Staging): Promise<Result<void, Failure>> {
  const [found] = await store.pool.hash([{ path: object, size: statOf(object)?.size ?? 0 }]);
  const verdict = await proved(store, object, hash, found);
  if (verdict.ok) linkSync(object, staged);
  return verdict;
}

async function proved(
  store: Store,
  object: string,
  hash: ContentHash,
  found: FileHash | undefined,
): Promise<Result<void, Failure>> {
  if (found?.kind !== 'hashed') return err(lost(store, object, hash, found?.code ?? 'ENOENT'));
  return found.hash === hash ? ok(undefined) : err(await setAside(store, object, hash));
}
