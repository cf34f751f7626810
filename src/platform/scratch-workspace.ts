import { constants } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { WorkspacePath } from '../domain/ids.js';
import type { ScratchWorkspace } from '../domain/ports/scratch.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import { err, ok } from '../domain/support/result.js';
import { reasonOf } from '../domain/support/system-error.js';

/**
 * Below `.refit/tmp` of the real workspace and not in the system's temporary folder: programs look upwards for their packages
 * (`node_modules`, `package.json`), and copies on one file system may be reflinks.
 */
export async function makeScratchWorkspace(
  root: string,
  kept?: string,
): Promise<Omit<ScratchWorkspace, 'open'> & { readonly root: string }> {
  const made = kept === undefined ? await makeFolders([join(root, '.refit'), join(root, '.refit', 'tmp')]) : [];
  const scratch =
    kept === undefined
      ? await mkdtemp(join(root, '.refit', 'tmp', `scratch-${process.pid}-`))
      : await emptied(join(root, '.refit', kept));
  const below = (path: string): string => relative(root, path).split(sep).join('/');
  return {
    root: scratch,
    folder: below(scratch) as WorkspacePath,
    copy: async (path, without) => {
      const isOut = (file: string): boolean => without.some((one) => isAtOrBelow(file, one));
      try {
        await cp(join(root, path), join(scratch, path), {
          recursive: true,
          dereference: true,
          preserveTimestamps: true,
          mode: constants.COPYFILE_FICLONE,
          filter: (from) => !isOut(below(from)),
        });
        return ok(undefined);
      } catch (error) {
        return err({ code: 'file-unreadable', path, reason: reasonOf(error) });
      }
    },
    link: async (path) => {
      if ((await lstat(join(scratch, path)).catch(() => undefined)) !== undefined) return;
      await mkdir(dirname(join(scratch, path)), { recursive: true });
      await symlink(join(root, path), join(scratch, path));
    },
    remove: async () => {
      await rm(scratch, { recursive: true, force: true });
      // another process may have come to use them meanwhile: then they are not empty
      for (const folder of made.reverse()) await rmdir(folder).catch(() => undefined);
    },
  };
}

/** Those that were not there, outermost first. */
async function makeFolders(folders: readonly string[]): Promise<string[]> {
  const made: string[] = [];
  for (const folder of folders) if ((await mkdir(folder, { recursive: true })) !== undefined) made.push(folder);
  return made;
}

/** A folder with nothing in it but what refit itself keeps there: registry, store and caches. */
async function emptied(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder))
    if (name !== '.refit') await rm(join(folder, name), { recursive: true, force: true });
  return folder;
}
