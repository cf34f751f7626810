/** A place in a file of a table, for people: the path as they know it, and the line counted from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
}

/** Why a file is no table at all. */
export type TableProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'encoding'; readonly found: 'UTF-16' | 'Latin-1' }
  | { readonly kind: 'unclosed-quote' }
  /** No row has as many fields as the header has names. */
  | { readonly kind: 'no-row-fits'; readonly names: number; readonly fields: number }
  /** A time that could have its day or its month first. */
  | { readonly kind: 'ambiguous-dates'; readonly column: string; readonly value: string }
  | { readonly kind: 'not-json'; readonly text: string }
  /** Where rows may not be left out. */
  | {
      readonly kind: 'broken-row';
      readonly why: BrokenRowReason;
      readonly names?: number;
      readonly fields?: number;
      readonly text: string;
    };

/** `cut`: the last line, without a line break. `header-again`: the header once more, or that of another table. */
type BrokenRowReason = 'short' | 'long' | 'quote' | 'header-again' | 'cut' | 'not-json';

export interface BrokenRowAt extends FilePlace {
  readonly why: BrokenRowReason;
  readonly fields?: number;
  readonly text: string;
}

/** What was wrong with the files of a table that could be read all the same. Each becomes a finding. */
export type ReadFault =
  /** Rows that were left out, the first of them by place. */
  | {
      readonly kind: 'broken-rows';
      readonly rows: number;
      /** Names in the header. */
      readonly names?: number;
      readonly first: readonly BrokenRowAt[];
    }
  | { readonly kind: 'empty-file'; readonly file: string }
  | ({ readonly kind: 'mixed-line-ends' } & FilePlace)
  /** Values that do not read as what the reference, the schema or the time column says; the first of them by place. */
  | ({
      readonly kind: 'unfit-values';
      readonly column: string;
      readonly wanted: 'number' | 'boolean' | 'timestamp';
      readonly rows: number;
      readonly value: string;
    } & FilePlace)
  /** Dates that say which of their first two numbers is the day only in some rows, or in none. */
  | ({
      readonly kind: 'local-dates';
      readonly column: string;
      readonly order: 'day-first' | 'ambiguous';
      readonly value: string;
    } & FilePlace);
