import type { Git } from '../../domain/ports/git.js';
import { checkOut } from './check-out.js';
import { readCodeVersion } from './code-version.js';
import { readHistory } from './history.js';
import { trackedFiles } from './tracked-files.js';

/** `scratch`: a folder for this process alone. `signal` ends git where a run waits for it. Work tree, index and settings of the repository are never changed. */
export const createGit = (
  root: string,
  { scratch, signal }: { readonly scratch: () => string; readonly signal: AbortSignal },
): Git => ({
  codeVersion: () => readCodeVersion(root, { scratch, signal }),
  history: (what) => readHistory(root, what, scratch),
  tracked: (what) => trackedFiles(root, what, scratch),
  checkOut: (what) => checkOut(root, what, { scratch, signal }),
});
