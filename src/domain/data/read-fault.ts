import type { ForeignFormat } from './foreign-format.js';

/** A place in a table's file, for people: the path as they know it, and the line from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
}

/** A place in a file without lines: the row from 1. */
export interface RowPlace {
  readonly file: string;
  readonly row: number;
}

/** Why a file is not a table. */
export type TableProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'encoding'; readonly found: 'UTF-16' | 'Latin-1' }
  /** Compressed, under a name that does not say so, or damaged where the name says so. */
  | { readonly kind: 'packed'; readonly how: 'gzip' | 'zstd' | 'zip' }
  /** A format that refit does not read, by the ending of the name or the first bytes. */
  | { readonly kind: 'foreign'; readonly format: ForeignFormat }
  | { readonly kind: 'not-packed'; readonly reason: string }
  /** The first line names the first of several columns alone, and words follow: a title above the header. */
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'unclosed-quote' }
  /** No row has as many fields as the header has names. */
  | { readonly kind: 'no-row-fits'; readonly names: number; readonly fields: number }
  /** The header and the rows hold this mark equally often, and refit reads no such tables: `fields` with it, one without it. */
  | { readonly kind: 'other-delimiter'; readonly delimiter: string; readonly fields: number }
  /** Each of these marks separates the header and all rows, so nothing tells which one is the delimiter. */
  | { readonly kind: 'two-delimiters'; readonly delimiters: readonly string[] }
  /** A time whose first number may be the day or the month. */
  | { readonly kind: 'ambiguous-dates'; readonly column: string; readonly value: string }
  | { readonly kind: 'not-json'; readonly text: string }
  /** A name that cannot be that of a column: it holds a NUL, or as a key of JSON it is empty or differs from another in capital letters alone. */
  | { readonly kind: 'no-column-name'; readonly key: string }
  /** A row with more fields, or values with more names, than a table may have. */
  | { readonly kind: 'too-wide'; readonly most: number }
  /** A broken row in a table that may have none. */
  | {
      readonly kind: 'broken-row';
      readonly why: BrokenRowReason;
      readonly names?: number;
      readonly fields?: number;
      readonly text: string;
    };

/**
 * `cut`: the last line without a line break. `header-again`: the same header again, or that of another table. `mark`: it begins
 * with a byte-order mark.
 */
type BrokenRowReason = 'short' | 'long' | 'quote' | 'header-again' | 'mark' | 'cut' | 'not-json';

export interface BrokenRowAt extends FilePlace {
  readonly why: BrokenRowReason;
  readonly fields?: number;
  readonly text: string;
}

/** A column that only some of a table's files have. */
export interface PartialColumn {
  readonly name: string;
  /** Number of files with it, and of the others. */
  readonly in: number;
  readonly notIn: number;
  readonly firstIn: string;
  readonly firstNotIn: string;
}

/** Faults in the files of a table that could still be read. Each becomes a finding. */
export type ReadFault =
  /** Rows that were left out, with the first places. */
  | {
      readonly kind: 'broken-rows';
      readonly rows: number;
      /** Number of names in the header. */
      readonly names?: number;
      readonly first: readonly BrokenRowAt[];
    }
  | { readonly kind: 'empty-file'; readonly file: string }
  /** A file that is read twice: a link to another file of the table, a second name of it, or the same name again. */
  | { readonly kind: 'same-file'; readonly file: string; readonly as: string }
  | ({ readonly kind: 'mixed-line-ends' } & FilePlace)
  /** Several columns of a header have one name, so the later ones got another. */
  | ({ readonly kind: 'repeated-name'; readonly name: string; readonly as: string } & FilePlace)
  /** The last row has the only word in a column of numbers. */
  | ({ readonly kind: 'footer'; readonly column: string; readonly value: string } & FilePlace)
  /** The first row has the only words in columns of numbers. */
  | ({
      readonly kind: 'second-header';
      readonly words: readonly { readonly column: string; readonly value: string }[];
    } & FilePlace)
  /** Files of which no column is in any of the table's other files. */
  | {
      readonly kind: 'unrelated-files';
      /** The first of them. */
      readonly files: readonly {
        readonly file: string;
        readonly names: readonly string[];
        readonly hasHeader: boolean;
      }[];
      readonly count: number;
      /** Number of all files. */
      readonly of: number;
    }
  /** Columns that only some of the files have. */
  | { readonly kind: 'partial-columns'; readonly columns: readonly PartialColumn[] }
  /** One name whose accents are encoded in two ways (Unicode NFC and NFD): two columns that look like one. */
  | { readonly kind: 'name-forms'; readonly column: string; readonly file: string; readonly other: string }
  /** Whole numbers of `file` that the type of the column in `other` rounds. */
  | {
      readonly kind: 'rounded-numbers';
      readonly column: string;
      readonly rows: number;
      readonly file: string;
      readonly other: string;
    }
  /** Values that do not fit the type of the reference, the schema or the time column, with the place of the first. */
  | ({
      readonly kind: 'unfit-values';
      readonly column: string;
      readonly wanted: 'number' | 'boolean' | 'timestamp';
      readonly rows: number;
      readonly value: string;
    } & (FilePlace | RowPlace))
  /**
   * Dates whose order of day and month is evident only in some rows, or in none; dates that are written in two ways; and those of
   * JSON, which are not read as times.
   */
  | ({
      readonly kind: 'local-dates';
      readonly column: string;
      readonly order: 'day-first' | 'ambiguous' | 'mixed' | 'unread';
      readonly value: string;
      /** A value that is written in another way. */
      readonly beside?: string;
    } & FilePlace);
