import { accessSync, chmodSync, constants, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import { ok, type Result } from '../../domain/support/result.js';
import { copyNew, discard, ensureFolder, syncPath } from '../../platform/durable-files.js';
import { attempt, codeOf, unreadable, WRITE_ONLY } from '../file-failures.js';
import { hashBytes } from '../hashing/hash-file.js';
import type { FileAsk } from '../hashing/hash-files.js';
import { SMALL_BYTES, type Store } from '../layout.js';
import { isThere, newMode, type Stored, saveBytes, storeFailed } from './save-bytes.js';

/**
 * Stores a file's content; `mode` says who may read it and whether it is executable. A small file is read once and written once. Of a large file the copy is hashed, because the
 * original may change meanwhile. An existing object of the right size is not read again.
 */
export async function saveFile(store: Store, ask: FileAsk, mode: number): Promise<Result<Stored, Failure>> {
  if (ask.stat.size > SMALL_BYTES) return saveLarge(store, ask, mode);
  const bytes = await attempt(
    () => readFileSync(ask.full),
    (code) => unreadable(ask.key, code),
  );
  if (!bytes.ok) return bytes;
  const hash = hashBytes(bytes.value);
  return saveBytes(store, { hash, target: store.objectOf(hash), bytes: bytes.value, mode });
}

async function saveLarge(store: Store, ask: FileAsk, mode: number): Promise<Result<Stored, Failure>> {
  const [known] = store.cache().find([ask]);
  if (known !== undefined && isThere(store.objectOf(known), ask.stat.size, mode))
    return ok({ hash: known, size: ask.stat.size, folder: dirname(store.objectOf(known)) });
  const staged = await attempt(store.stage, storeFailed);
  if (!staged.ok) return staged;
  try {
    const copied = await attempt(
      () => copyNew(ask.full, staged.value, 0o600),
      (code) => copyFailed(ask, code),
    );
    if (!copied.ok) return copied;
    return await attempt(() => keepCopy(store, { staged: staged.value, bytes: ask.stat.size, mode }), storeFailed);
  } finally {
    await discard(staged.value);
  }
}

interface Copy {
  readonly staged: string;
  readonly bytes: number;
  readonly mode: number;
}

async function keepCopy(store: Store, { staged, bytes, mode }: Copy): Promise<Stored> {
  const [[copy]] = await Promise.all([store.pool.hash([{ path: staged, size: bytes }]), syncPath(staged)]);
  if (copy?.kind !== 'hashed') throw Object.assign(new Error('the copy is gone'), { code: copy?.code ?? 'EIO' });
  const { hash, size } = copy;
  const target = store.objectOf(hash);
  if (!isThere(target, size, mode)) {
    chmodSync(staged, newMode(target, mode));
    await ensureFolder(dirname(target));
    renameSync(staged, target);
  }
  return { hash, size, folder: dirname(target) };
}

/** Node does not report which side of a copy failed. */
function copyFailed({ full, key }: FileAsk, code: string): Failure {
  if (WRITE_ONLY.has(code)) return storeFailed(code);
  try {
    accessSync(full, constants.R_OK);
    return storeFailed(code);
  } catch (error) {
    return unreadable(key, codeOf(error));
  }
}
