import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Staging } from '../../domain/ports/staging.js';
import { err, ok } from '../../domain/support/result.js';
import { reasonOf, systemCode } from '../../domain/support/system-error.js';
import { faultOfPlace } from '../containment.js';
import { discard } from '../durable-files.js';
import type { Reach } from '../reach.js';
import { requireRealFolders } from '../real-folders.js';
import { listTree } from './list-tree.js';
import { onThisDisk, writeTree } from './write-tree.js';

/** `scratch`: makes a new folder of refit's own, which the next command sweeps if this one dies. */
export const createStaging = (root: string, reach: Pick<Reach, 'has'>, scratch: () => Promise<string>): Staging => ({
  list: (paths) => {
    try {
      return ok(listTree(root, paths, { mayFollow: (real) => reach.has(real), isResult: false }));
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return err({ doing: 'put', path: paths.join(', '), cause: 'disk', reason: reasonOf(error) });
    }
  },
  addToLog: (path, from, bytes) =>
    onThisDisk({ doing: 'fetch', path }, async () => {
      const full = join(root, path);
      requireRealFolders(dirname(full));
      await mkdir(dirname(full), { recursive: true });
      const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
      const file = await open(full, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o666);
      try {
        const skipped = Math.min(Math.max(0, (await file.stat()).size - from), bytes.length);
        await file.write(bytes, skipped, bytes.length - skipped, from + skipped);
      } finally {
        await file.close();
      }
      return ok(undefined);
    }),
  place: (entries, paths, { fetch, into }) =>
    onThisDisk({ doing: 'fetch', path: paths[0] ?? '' }, async () => {
      const staged = join(root, await scratch());
      try {
        const written = await writeTree(staged, entries, fetch);
        if (!written.ok) return written;
        const there = new Set(entries.map(({ path }) => path));
        for (const path of paths.filter((one) => there.has(one))) {
          const fault = faultOfPlace(root, path);
          if (fault !== undefined) return err({ doing: 'fetch', path, cause: 'disk', reason: fault });
          const target = join(root, path);
          if (into === true) await replaceWithin(join(staged, path), target);
          else await replace(join(staged, path), target);
        }
        return ok(undefined);
      } finally {
        await discard(staged);
      }
    }),
});

/** By one rename, also where the place is on another disk: then what is renamed is a copy beside it. */
async function replace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { recursive: true, force: true });
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const beside = join(dirname(to), `.refit-write-${randomUUID()}`);
    try {
      await cp(from, beside, { recursive: true, verbatimSymlinks: true });
      await rename(beside, to);
    } finally {
      await discard(beside);
    }
  }
}

async function replaceWithin(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to)) await rm(join(to, name), { recursive: true, force: true });
  for (const name of await readdir(from)) await replace(join(from, name), join(to, name));
}
