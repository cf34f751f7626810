import type { ColumnType } from '../../domain/data/profile.js';
import type { FilePlace, ReadFault } from '../../domain/data/read-fault.js';
import type { KnownColumn } from '../../domain/ports/datasets.js';
import { identifier, literal } from '../quoted.js';
import type { ColumnScan } from './csv-scanner.js';
import { EXACT, INTEGERS, KIND, KINDS, NUMBERS, SMALL_INTEGERS } from './kinds.js';

/** A value with the place where it was first seen. */
export interface PlacedValue extends FilePlace {
  readonly value: string;
}

/** What all values of a column are written like, over all its files. */
export interface SeenColumn {
  readonly counts: readonly number[];
  readonly first: readonly (PlacedValue | undefined)[];
  readonly separators: ReadonlySet<string>;
  readonly times: ReadonlySet<string>;
  readonly notDayFirst?: PlacedValue;
  readonly notMonthFirst?: PlacedValue;
  readonly isPadded: boolean;
  readonly isFine: boolean;
  readonly isFar: boolean;
}

/** How a column is read: the type that DuckDB parses, and what is made of it. */
export interface ReadAs {
  readonly parsed: string;
  readonly expression?: string;
  readonly isDayFirst?: boolean;
  readonly faults: readonly ReadFault[];
  /** A time that cannot be told. */
  readonly ambiguous?: PlacedValue;
}

/** The same column of several files together. */
export function mergeSeen(parts: readonly { readonly file: string; readonly scan: ColumnScan }[]): SeenColumn {
  const placed = parts.map(({ file, scan }) => ({
    scan,
    at: (place: ColumnScan['first'][number]): PlacedValue | undefined =>
      place === undefined ? undefined : { file, ...place },
  }));
  const firstOf = <T>(values: readonly (T | undefined)[]): T | undefined => values.find((one) => one !== undefined);
  return {
    counts: Array.from({ length: KINDS }, (_, kind) =>
      parts.reduce((sum, { scan }) => sum + (scan.counts[kind] ?? 0), 0),
    ),
    first: Array.from({ length: KINDS }, (_, kind) => firstOf(placed.map(({ scan, at }) => at(scan.first[kind])))),
    isPadded: parts.some(({ scan }) => scan.isPadded),
    isFine: parts.some(({ scan }) => scan.isFine),
    isFar: parts.some(({ scan }) => scan.isFar),
    separators: new Set(parts.flatMap(({ scan }) => [...(scan.localDates?.separators ?? [])])),
    times: new Set(parts.flatMap(({ scan }) => [...(scan.localDates?.times ?? [])])),
    notDayFirst: firstOf(placed.map(({ scan, at }) => at(scan.localDates?.notDayFirst))),
    notMonthFirst: firstOf(placed.map(({ scan, at }) => at(scan.localDates?.notMonthFirst))),
  };
}

interface Natural {
  readonly type: ColumnType;
  readonly parsed: string;
  readonly expression?: string;
  readonly isDayFirst?: boolean;
}

const TEXT: Natural = { type: 'text', parsed: 'VARCHAR' };

const TIMESTAMPS: readonly number[] = [KIND.date, KIND.timestamp];
const MOMENTS: readonly number[] = [...TIMESTAMPS, KIND.zoned, KIND.oddlyZoned];

/**
 * The type that every value of a column has. `known` says what it has been so far: values that all read as that type are
 * read so, others are a fault with the place of the first one, and leave the column to its own type.
 */
export function readAs(name: string, seen: SeenColumn, known: KnownColumn | undefined, isTime: boolean): ReadAs {
  const wanted = isTime ? 'timestamp' : known?.type;
  const present = kindsOf(seen);
  if (wanted === 'text') return { ...TEXT, faults: [] };
  if (present.length === 0) return { parsed: EMPTY[wanted ?? 'text'], faults: [] };
  const natural = unpadded(name, seen, naturalType(name, seen, known?.isDayFirst));
  const dates = localDateFault(name, seen, natural);
  if (isTime && dates?.order === 'ambiguous') return { ...natural, faults: [], ambiguous: dates };
  const faults = dates === undefined ? [] : [dates];
  // Numbers may count the time since 1970: whether each is one shows when they are read.
  const mayBeTimes = isTime && classOf(natural.type) === 'number';
  if (wanted === undefined || wanted === 'other' || mayBeTimes || classOf(natural.type) === classOf(wanted))
    return { ...natural, faults };
  const misfits = unfit(name, seen, classOf(wanted));
  return { ...natural, faults: dates?.order === 'mixed' && misfits.length > 0 ? misfits : [...faults, ...misfits] };
}

/** DuckDB's reader casts no value in quotes with spaces around them. */
const unpadded = (name: string, { isPadded }: SeenColumn, natural: Natural): Natural =>
  isPadded && natural.expression === undefined && natural.parsed !== 'VARCHAR'
    ? { ...natural, parsed: 'VARCHAR', expression: `trim(${identifier(name)})::${natural.parsed}` }
    : natural;

const EMPTY: Readonly<Record<ColumnType, string>> = {
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  text: 'VARCHAR',
  other: 'VARCHAR',
};

type Class = 'number' | 'boolean' | 'timestamp' | 'text' | 'other';

const classOf = (type: ColumnType): Class => (type === 'integer' ? 'number' : type);

const kindsOf = ({ counts }: SeenColumn): readonly number[] =>
  counts.flatMap((count, kind) => (count > 0 && kind !== KIND.empty ? [kind] : []));

function naturalType(name: string, seen: SeenColumn, isDayFirst: boolean | undefined): Natural {
  const present = kindsOf(seen);
  const areAll = (kinds: readonly number[]): boolean => present.every((kind) => kinds.includes(kind));
  if (areAll(SMALL_INTEGERS)) return { type: 'integer', parsed: 'BIGINT' };
  if (areAll(INTEGERS)) return { type: 'integer', parsed: 'HUGEINT' };
  if (areAll(NUMBERS))
    return present.some((kind) => EXACT.includes(kind)) ? TEXT : { type: 'number', parsed: 'DOUBLE' };
  if (areAll([KIND.boolean])) return { type: 'boolean', parsed: 'BOOLEAN' };
  if (areAll([KIND.date])) return { type: 'timestamp', parsed: 'DATE' };
  // No type has both nanoseconds and such years.
  if (seen.isFine && seen.isFar) return TEXT;
  if (areAll(TIMESTAMPS)) return { type: 'timestamp', parsed: seen.isFine ? 'TIMESTAMP_NS' : 'TIMESTAMP' };
  if (areAll([KIND.time])) return { type: 'timestamp', parsed: 'TIME' };
  if (areAll(MOMENTS)) return momentType(name, { isOdd: present.includes(KIND.oddlyZoned), isFine: seen.isFine });
  if (areAll([KIND.localDate])) return localDateType(name, seen, isDayFirst);
  return TEXT;
}

/** Times of which some have an offset: all as moments in UTC. */
function momentType(name: string, { isOdd, isFine }: { readonly isOdd: boolean; readonly isFine: boolean }): Natural {
  const id = identifier(name);
  if (!isOdd && isFine) return { type: 'timestamp', parsed: 'TIMESTAMP_NS' };
  if (!isOdd) return { type: 'timestamp', parsed: 'TIMESTAMPTZ', expression: `${id}::TIMESTAMP` };
  const withSeconds = `regexp_replace(${id}, '([T ][0-9]{1,2}:[0-9]{2})( ?(?:Z|UTC|[+-][0-9:]+))$', '\\1:00\\2')`;
  const joined = `regexp_replace(${withSeconds}, ' (Z|[+-][0-9:]+)$', '\\1')`;
  const moment = isFine ? `${joined}::TIMESTAMP_NS` : `${joined}::TIMESTAMPTZ::TIMESTAMP`;
  return { type: 'timestamp', parsed: 'VARCHAR', expression: moment };
}

function localDateType(name: string, seen: SeenColumn, known: boolean | undefined): Natural {
  const [separator] = seen.separators;
  const isDayFirst = dayFirst(seen) ?? known;
  if (seen.separators.size !== 1 || separator === undefined || isDayFirst === undefined) return TEXT;
  if ((isDayFirst ? seen.notDayFirst : seen.notMonthFirst) !== undefined) return TEXT;
  const date = (isDayFirst ? ['%d', '%m', '%Y'] : ['%m', '%d', '%Y']).join(separator);
  const formats = [...seen.times].sort((a, b) => b.length - a.length).map((time) => literal(`${date}${time}`));
  const moment = `strptime(${identifier(name)}, [${formats.join(', ')}])`;
  const isDate = seen.times.size === 1 && seen.times.has('');
  return { type: 'timestamp', parsed: 'VARCHAR', expression: isDate ? `${moment}::DATE` : moment, isDayFirst };
}

/** Undefined where the values leave it open, or contradict each other. */
function dayFirst({ notDayFirst, notMonthFirst }: SeenColumn): boolean | undefined {
  if ((notDayFirst === undefined) === (notMonthFirst === undefined)) return undefined;
  return notDayFirst === undefined;
}

type LocalDateFault = Extract<ReadFault, { readonly kind: 'local-dates' }>;

/** A date that is written unlike another one of its column, which holds nothing but dates. */
function mixedDates(seen: SeenColumn, first: PlacedValue): (PlacedValue & { readonly beside: string }) | undefined {
  const { notDayFirst, notMonthFirst } = seen;
  if (!kindsOf(seen).every((kind) => kind === KIND.localDate || MOMENTS.includes(kind))) return undefined;
  if (notDayFirst !== undefined && notMonthFirst !== undefined) return { ...notDayFirst, beside: notMonthFirst.value };
  const other = MOMENTS.flatMap((kind) => seen.first[kind] ?? [])[0];
  return other === undefined ? undefined : { ...first, beside: other.value };
}

/** Worth a word: dates whose order nothing tells, those that are written in two ways, and those with their day first, which others read otherwise. */
function localDateFault(name: string, seen: SeenColumn, natural: Natural): LocalDateFault | undefined {
  const first = seen.first[KIND.localDate];
  if (first === undefined) return undefined;
  const base = { kind: 'local-dates', column: name } as const;
  const mixed = mixedDates(seen, first);
  if (natural.type === 'text' && mixed !== undefined) return { ...base, order: 'mixed', ...mixed };
  if (kindsOf(seen).length > 1 || seen.separators.has('.')) return undefined;
  if (natural.type === 'text') return { ...base, order: 'ambiguous', ...first };
  const evidence = seen.notMonthFirst ?? first;
  return natural.isDayFirst === true ? { ...base, order: 'day-first', ...evidence } : undefined;
}

const FITTING: Readonly<Record<'number' | 'boolean' | 'timestamp', readonly number[]>> = {
  number: NUMBERS,
  boolean: [KIND.boolean],
  timestamp: [...MOMENTS, KIND.time, KIND.localDate],
};

/** Whole numbers go together, and so do those that a double keeps. */
const isAlike = (kind: number, most: number | undefined): boolean =>
  most === undefined || kind === most || (INTEGERS.includes(most) ? INTEGERS : DOUBLES).includes(kind);

const DOUBLES: readonly number[] = NUMBERS.filter((kind) => !EXACT.includes(kind));

/** The values that do not read as the wanted type; where each would alone, those that are not written like most. */
function unfit(name: string, seen: SeenColumn, wanted: Class): readonly ReadFault[] {
  if (wanted === 'text' || wanted === 'other') return [];
  const present = kindsOf(seen);
  const misfits = present.filter((kind) => !FITTING[wanted].includes(kind));
  const most = [...present].sort((a, b) => (seen.counts[b] ?? 0) - (seen.counts[a] ?? 0))[0];
  const odd = misfits.length > 0 ? misfits : present.filter((kind) => !isAlike(kind, most));
  // Dates that contradict each other: some have their day first, some their month.
  if (odd.length === 0 && seen.notDayFirst !== undefined)
    return [
      { kind: 'unfit-values', column: name, wanted, rows: seen.counts[KIND.localDate] ?? 0, ...seen.notDayFirst },
    ];
  const places = odd.flatMap((kind) => seen.first[kind] ?? []);
  const [first] = places.sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
  if (first === undefined) return [];
  const rows = odd.reduce((sum, kind) => sum + (seen.counts[kind] ?? 0), 0);
  return [{ kind: 'unfit-values', column: name, wanted, rows, ...first }];
}
