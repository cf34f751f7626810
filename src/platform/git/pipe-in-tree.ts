import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that git reads in every folder. */
export const READ_BY_GIT = ['.gitignore', '.gitattributes', '.gitmodules'];

/** Whether something is there that is neither a file nor a folder: reading it might never end. */
export const isPipe = (path: string): boolean => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
};

/** A larger tree is left to the time limit of git. */
const MOST_FOLDERS = 200_000;

/** The first of the files below a folder that git could not read to its end; links are not followed, as git follows none. */
export async function pipeBelow(top: string): Promise<string | undefined> {
  const waiting = [top];
  for (let seen = 0; waiting.length > 0 && seen < MOST_FOLDERS; seen++) {
    const folder = waiting.pop() ?? top;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (READ_BY_GIT.includes(entry.name) && isPipe(path)) return path;
      if (entry.isDirectory() && entry.name !== '.git') waiting.push(path);
    }
  }
  return undefined;
}
