import type { Failure } from '../../domain/failure.js';

/** Wider tables take DuckDB minutes and more memory than it may have, however small the file is. */
export const MOST_COLUMNS = 5000;

/** A table that is wider, with the number of the line that shows it where it is known. */
export class TooWide extends Error {
  readonly line: number | undefined;
  constructor(line?: number) {
    super(`more than ${MOST_COLUMNS} columns`);
    this.line = line;
  }
}

/** The failure of a table with more columns than refit reads. `line`: where they are, if that is known. */
export const tooWide = (path: string, line: number | undefined): Failure => ({
  code: 'table-malformed',
  path,
  line,
  problem: { kind: 'too-wide', most: MOST_COLUMNS },
});
