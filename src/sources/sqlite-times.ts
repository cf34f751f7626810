import type Database from 'better-sqlite3';
import type { Failure } from '../domain/failure.js';
import type { SourceQuery } from '../domain/pipeline/remote-source.js';
import type { SourceSpan } from '../domain/ports/sources.js';
import { DAY_MS, type Instant, instantOf, MINUTE_MS, parseInstant, SECOND_MS, toIso } from '../domain/support/time.js';
import { type BoundValue, bindQuery, type Statement } from './bound-query.js';

export type TimeProblem = Omit<Extract<Failure, { readonly code: 'source-time-unfit' }>, 'code' | 'source'>;

/** A bound in the form that the query compares with: SQLite compares text with text, and numbers with numbers. */
export function boundOf(format: string | undefined, at: Instant): BoundValue {
  if (format === 'seconds') return at / SECOND_MS;
  if (format === 'milliseconds') return at;
  if (format === undefined) return toIso(at);
  // The first time of this form that is not before the bound: the same rows are on each side of it.
  const step = stepOf(format);
  const iso = toIso(instantOf(Math.ceil(at / step) * step));
  const parts: Readonly<Record<string, string>> = {
    '%Y-%m-%d': iso.slice(0, 10),
    '%H': iso.slice(11, 13),
    '%M': iso.slice(14, 16),
    '%S': iso.slice(17, 19),
    '%f': iso.slice(17, 23),
  };
  return Object.entries(parts).reduce((text, [mark, value]) => text.replace(mark, value), format);
}

function stepOf(format: string): number {
  if (format.includes('%f')) return 1;
  if (format.includes('%S')) return SECOND_MS;
  return format.includes('%M') && format.includes('%H') ? MINUTE_MS : DAY_MS;
}

const isNumeric = (format: string | undefined): boolean => format === 'seconds' || format === 'milliseconds';

/** As SQLite's own functions read times. A time without a zone is in UTC. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

function momentOf(text: string): Instant | undefined {
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [, day, , minutes = '00:00', seconds = ':00', zone = 'Z'] = found;
  return parseInstant(`${day}T${minutes}${seconds.slice(0, 7)}${zone}`);
}

/** What `time_format` would be for times like this one; `undefined` if none compares rightly as text. */
function formatOf(text: string): string | undefined {
  const [, , separator, , seconds, zone = ''] = TIME.exec(text) ?? [];
  if (!['', 'Z', '+00:00'].includes(zone)) return undefined;
  if (separator === undefined) return zone === '' ? '%Y-%m-%d' : undefined;
  if (seconds === undefined) return `%Y-%m-%d${separator}%H:%M${zone}`;
  return `%Y-%m-%d${separator}%H:%M:${seconds.includes('.') ? '%f' : '%S'}${zone}`;
}

interface Asked {
  readonly db: Database.Database;
  readonly query: SourceQuery;
  /** The column of times among those that the query gives. */
  readonly column: string;
  readonly format: string | undefined;
}

type Bound = (at: number) => BoundValue;

/** Finds rows that the query's comparison would leave out of all windows, or put into the wrong one. */
export function createTimeCheck({ db, query, column, format }: Asked) {
  const name = `"${column.replaceAll('"', '""')}"`;
  const ask = (what: string, bounds: readonly [number, number], time: Bound = (at) => at): readonly unknown[] => {
    const span = { from: bounds[0], until: bounds[1] } as SourceSpan;
    const { text, values } = bindSqlite(query, span, time as (at: Instant) => BoundValue);
    return db
      .prepare<unknown[], unknown[]>(`select ${name} from (${text}\n) as refit_rows ${what} limit 1`)
      .raw(true)
      .all(...values)
      .map(([value]) => value);
  };
  const own = (at: number): BoundValue => boundOf(format, at as Instant);
  return {
    /** Rows that fall into no window, whatever its bounds. */
    strays: (): TimeProblem | undefined => {
      if (isNumeric(format)) {
        if (ask('', [0, 1], EVERY_TEXT).length > 0) return { column, kind: 'texts' };
        const [odd] = format === 'seconds' ? ask('', NO_SECONDS) : ask('', NO_MILLISECONDS);
        return odd === undefined ? undefined : { column, kind: 'scale', format, value: String(odd) };
      }
      if (ask('', NUMBERS).length > 0) return { column, kind: 'numbers' };
      const [odd] = ask(`where typeof(${name}) = 'text' and ${name} not glob '${DAY}*'`, [0, 1], EVERY_TEXT);
      return odd === undefined ? undefined : { column, kind: 'unreadable', value: String(odd) };
    },
    /** Rows that sort before the first window but belong to it. */
    before: (from: Instant): TimeProblem | undefined => {
      if (isNumeric(format)) return undefined;
      const bound = String(own(from));
      const { text, values } = bindSqlite(query, { from: instantOf(from - 2 * DAY_MS), until: from }, own);
      const rows = db.prepare<unknown[], unknown[]>(`select ${name} from (${text}\n) as refit_rows`).raw(true);
      for (const [value] of rows.iterate(...values) as Iterable<readonly unknown[]>) {
        const at = typeof value === 'string' && value < bound ? momentOf(value) : undefined;
        if (at !== undefined && at >= from) return misplaced(String(value), bound);
      }
      return undefined;
    },
    /** Whether a time that a window's query returned lies in the window. */
    within: ({ from, until }: SourceSpan) => {
      const [low, high] = [String(own(from)), String(own(until))];
      return (value: unknown): TimeProblem | undefined => {
        if (isNumeric(format) || typeof value !== 'string') return undefined;
        const at = momentOf(value);
        if (at === undefined) return { column, kind: 'unreadable', value };
        if (at >= from && at < until) return undefined;
        // If the query compares another column, this one may hold any time.
        return value >= low && value < high ? misplaced(value, at < from ? low : high) : undefined;
      };
    },
  };

  function misplaced(value: string, bound: string): TimeProblem {
    return { column, kind: 'misplaced', value, bound, format: formatOf(value) };
  }
}

/** A range that holds numbers of seconds and milliseconds, and as text nothing: "2.0" is not below "1…". */
const NUMBERS = [2, 1e13] as const;
/** Larger than seconds of this millennium, and smaller than milliseconds after 1973. */
const NO_SECONDS = [1e11, 1e18] as const;
const NO_MILLISECONDS = [1e8, 1e11] as const;

const EVERY_TEXT: Bound = (at) => (at === 0 ? '' : '\u{10ffff}');

const DAY = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]';

/** SQLite has no booleans. */
export function bindSqlite(query: SourceQuery, span: SourceSpan, time: (at: Instant) => BoundValue): Statement {
  const { text, values } = bindQuery(query, span, { mark: () => '?', time });
  return { text, values: values.map((value) => (typeof value === 'boolean' ? Number(value) : value)) };
}
