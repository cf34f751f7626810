import type { Diagnostic } from '../domain/diagnostic.js';
import type { ExpectedFile } from './expected-files.js';

/** Diagnostics of those of which nothing was found. `present`: patterns with at least one file or folder. */
export function checkFiles(
  expected: readonly ExpectedFile[],
  present: ReadonlySet<string>,
  text: string,
): readonly Diagnostic[] {
  const absent = expected.filter((one) => !present.has(one.pattern));
  if (absent.length === 0) return [];
  const lines = text.split('\n');
  return absent.map(({ missing }) => ({ ...missing, sourceLine: lines[missing.at.line - 1] ?? '' }));
}
