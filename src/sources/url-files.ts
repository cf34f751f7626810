import { statSync } from 'node:fs';

const MOST_BYTES = 1024 * 1024;

/**
 * Why the files that a URL names are not read; `undefined` if they may be. A URL in a pipeline file may name none, because
 * its author may not be the user who runs it. A pipe is refused: reading it would wait for a writer.
 */
export function problemOfFiles(
  paths: readonly string[],
  { isWritten }: { readonly isWritten: boolean },
): 'names-files' | 'unfit-files' | undefined {
  if (paths.length === 0) return undefined;
  if (isWritten) return 'names-files';
  return paths.every(isSmallFile) ? undefined : 'unfit-files';
}

/** A regular file of at most 1 MiB, also through a link. */
export function isSmallFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= MOST_BYTES;
}
