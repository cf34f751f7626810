import type { Git } from '../../domain/ports/git.js';
import { checkOut } from './check-out.js';
import { readCodeVersion } from './code-version.js';
import { readHistory } from './history.js';
import { trackedFiles } from './tracked-files.js';

/** `scratch`: a folder for this process alone. Work tree, index and settings of the repository are never changed. */
export const createGit = (root: string, { scratch }: { readonly scratch: () => string }): Git => ({
  codeVersion: () => readCodeVersion(root, scratch),
  history: (what) => readHistory(root, what, scratch),
  tracked: (what) => trackedFiles(root, what, scratch),
  checkOut: (what) => checkOut(root, what, scratch),
});
