import { formatDuration, fromIso, type Instant, instantOf, toIso } from '../support/time.js';

/** More windows are a mistake in `every`: each is a query and a file. */
export const MOST_WINDOWS = 10_000;

/** When a source has more windows than are read, and what to say about it; `undefined` if that lies `withinMs` of no time. */
export function windowsEnd(
  dataset: string,
  { from, everyMs }: Pick<RemoteSource, 'from' | 'everyMs'>,
  { now, withinMs }: { readonly now: Instant; readonly withinMs: number },
): { readonly message: string; readonly suggestion: string } | undefined {
  if (everyMs === undefined) return undefined;
  const end = fromIso(from) + MOST_WINDOWS * everyMs;
  if (end - now > withinMs) return undefined;
  const day = toIso(instantOf(end)).slice(0, 10);
  const count = `${MOST_WINDOWS} windows of ${formatDuration(everyMs)} since ${from.slice(0, 10)}`;
  return {
    message:
      end < now
        ? `dataset "${dataset}" has more than ${count}: commands that read it are refused`
        : `dataset "${dataset}" will have ${count} on ${day}: from then on commands that read it are refused`,
    suggestion: 'make "every" longer, or "from" later; either reads all windows again',
  };
}

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
  /** How times are written where a query compares them with the bounds of a window; by default as `2026-01-31T13:00:00.000Z`. */
  readonly timeFormat?: string;
  /** Longest time for one statement, command or request. */
  readonly timeoutMs: number;
}

export type SourcePlace =
  | { readonly kind: 'postgres'; readonly url: SourceUrl; readonly query: SourceQuery }
  /** Also MariaDB. */
  | { readonly kind: 'mysql'; readonly url: SourceUrl; readonly query: SourceQuery }
  /** A database file of the workspace or its roots. */
  | { readonly kind: 'sqlite'; readonly path: string; readonly query: SourceQuery }
  /** A database file of DuckDB in the same places. */
  | { readonly kind: 'duckdb'; readonly path: string; readonly query: SourceQuery }
  /** One file of a web server. */
  | { readonly kind: 'https'; readonly url: SourceUrl; readonly format?: RowsFormat }
  /** Files of a bucket; `gcs`: of Google Cloud Storage. The URL ends with a key or a pattern of keys. */
  | { readonly kind: 's3'; readonly url: SourceUrl; readonly format?: RowsFormat }
  | { readonly kind: 'gcs'; readonly url: SourceUrl; readonly format?: RowsFormat }
  | {
      readonly kind: 'command';
      readonly script: SourceQuery;
      readonly format: RowsFormat;
      readonly secrets: readonly string[];
    };

/** Places that hold files, not the answers to questions: they have no windows. */
export type ObjectPlace = Extract<SourcePlace, { kind: 'https' | 's3' | 'gcs' }>;

export const isObjects = (place: SourcePlace): place is ObjectPlace =>
  place.kind === 'https' || place.kind === 's3' || place.kind === 'gcs';

export type RowsFormat = 'csv' | 'jsonl' | 'parquet';

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
  return 'script' in place ? spellQuery(place.script) : spellUrl(place.url);
};

export const spellUrl = (url: SourceUrl): string => (typeof url === 'string' ? url : `the URL in ${url.from}`);
