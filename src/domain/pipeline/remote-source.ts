/** Where the rows of a dataset live, if not in files of the workspace. */
export interface RemoteSource {
  readonly place: SourcePlace;
  /** The start of the first window. */
  readonly from: string;
  /** Length of a window. Absent: all rows from `from` on are one window. */
  readonly everyMs?: number;
  /** A window is final this long after its end: rows that come later are late. */
  readonly lateMs: number;
  readonly onLate: 'warn' | 'read';
  /** Column that grows when a row is changed, for the probe. */
  readonly updated?: string;
  /** Longest time for one statement, command or request. */
  readonly timeoutMs: number;
}

export type SourcePlace =
  | { readonly kind: 'postgres'; readonly url: SourceUrl; readonly query: SourceQuery }
  /** Also MariaDB. */
  | { readonly kind: 'mysql'; readonly url: SourceUrl; readonly query: SourceQuery }
  /** A database file of the workspace or its roots. */
  | { readonly kind: 'sqlite'; readonly path: string; readonly query: SourceQuery }
  | {
      readonly kind: 'command';
      readonly script: SourceQuery;
      readonly format: RowsFormat;
      readonly secrets: readonly string[];
    };

type RowsFormat = 'csv' | 'jsonl' | 'parquet';

/** A URL as it is written, or the variable that holds it, which is a secret. */
export type SourceUrl = string | { readonly from: string };

/** Text with the values that are bound to it. A value never becomes part of the text of a query. */
export type SourceQuery = readonly SourceQueryPart[];

type SourceQueryPart =
  | string
  | { readonly bind: 'window-from' | 'window-until' | 'snapshot-path' }
  | { readonly bind: 'param'; readonly name: string; readonly value: string | number | boolean | null };

/** The text of a query as the file says it, for records and messages. */
const spellQuery = (query: SourceQuery): string =>
  query
    .map((part) => {
      if (typeof part === 'string') return part;
      return `\${{ ${part.bind === 'param' ? `params.${part.name}` : part.bind.replace('-', '.')} }}`;
    })
    .join('');

/** What of a place is asked: a query, a script, or the address. */
export const questionOf = (place: SourcePlace): string => {
  if ('query' in place) return spellQuery(place.query);
  return spellQuery(place.script);
};

export const spellUrl = (url: SourceUrl): string => (typeof url === 'string' ? url : `the URL in ${url.from}`);
