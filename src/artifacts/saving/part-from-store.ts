import { lstatSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import { ok, type Result } from '../../domain/support/result.js';
import { copyNew, discard, syncPath } from '../../platform/durable-files.js';
import { attempt, unwritable } from '../file-failures.js';
import type { Store } from '../layout.js';
import { stagingName } from '../strays.js';

/**
 * Replaces outputs that a step made as hard links to the store's own files by copies: whoever writes to one would damage the
 * store.
 */
export async function partFromStore(store: Store, paths: readonly WorkspacePath[]): Promise<Result<void, Failure>> {
  for (const path of paths) {
    const parted = await attempt(
      async () => {
        for (const file of linkedFiles(join(store.root, path))) await part(store, file);
      },
      (code) => unwritable(path, code),
    );
    if (!parted.ok) return parted;
  }
  return ok(undefined);
}

/** Files at or below a path that have another name somewhere. */
function linkedFiles(full: string): readonly string[] {
  const found = lstatSync(full, { throwIfNoEntry: false });
  if (found?.isDirectory()) return readdirSync(full).flatMap((name) => linkedFiles(join(full, name)));
  return found?.isFile() && found.nlink > 1 ? [full] : [];
}

async function part(store: Store, full: string): Promise<void> {
  const own = lstatSync(full);
  const [found] = await store.pool.hash([{ path: full, size: own.size }]);
  if (found?.kind !== 'hashed') return;
  const object = lstatSync(store.objectOf(found.hash), { throwIfNoEntry: false });
  if (object === undefined || object.ino !== own.ino || object.dev !== own.dev) return;
  const staged = stagingName(dirname(full));
  try {
    await copyNew(full, staged, (own.mode & 0o777) | 0o200);
    await syncPath(staged);
    renameSync(staged, full);
  } finally {
    await discard(staged);
  }
}
