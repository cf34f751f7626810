import { statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { faultOfFolder, faultOfOutput } from './containment.js';
import { createFiles } from './files.js';
import { faultOfReplacing } from './kept-file.js';
import { faultOfResult, writeResult } from './result-file.js';

/** A place of the command line, by its absolute path: what may be written there, and what refit reads there. */
export function resultPlace(root: string, full: string, scratch: () => string) {
  const isFolder = statSync(full, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const refusal = async (text: string): Promise<string | undefined> =>
    faultOfOutput(root, full) ??
    faultOfFolder(root, full) ??
    faultOfResult(full) ??
    (await faultOfReplacing({ root, path: full, text, scratch }));
  return {
    path: relative(root, full) || '.',
    isFolder,
    /** Why nothing of the folder is what the user named, or `undefined`. */
    faultOfFolder: () => faultOfFolder(root, full),
    folder: createFiles(isFolder ? full : dirname(full)),
    refusal,
    write: async (text: string) => (await refusal(text)) ?? (await writeResult(full, text)),
  };
}
