import { knownTypes } from '../../domain/data/known-types.js';
import type { ColumnProfile, ColumnType, TableProfile } from '../../domain/data/profile.js';
import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import { ok, type Result } from '../../domain/support/result.js';
import { instantOf } from '../../domain/support/time.js';
import { type Connection, numberOf, type Row, requireNumber, untilAborted } from '../connection.js';
import { type Placed, place } from '../placed-table.js';
import { identifier } from '../quoted.js';
import type { Readable } from '../read-source.js';
import { momentSql, nameOf } from '../source-sql.js';
import { faultsInWindow } from '../window-faults.js';
import { readHistory } from './history-profile.js';
import { isExact, type NumberColumn, profileNumbers } from './number-profile.js';
import { profileText } from './text-profile.js';
import { unreadableTimes } from './unreadable-times.js';

/** In longer tables repeated rows are not counted: that would take longer than everything else. */
const DUPLICATE_ROWS = 200_000;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly sqlType: string;
}

/**
 * Statistical summary of a table: one scan for the number columns and one for each text column. With `reference` the table is
 * a window to be judged: the same scan counts its rows in the reference's cells, and no history is read. `signal` gives it up,
 * with a failure.
 */
export async function profileTable(
  connection: Connection,
  source: TableSource,
  {
    reference,
    signal,
  }: { readonly reference?: TableProfile | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Result<TableProfile, Failure>> {
  const name = nameOf(source);
  // Text is held for later questions too, so this is not given up with `signal`.
  const typed = { ...source, types: source.types ?? knownTypes(reference) };
  const placed = await place(connection, typed);
  if (!placed.ok) return placed;
  const asked = signal === undefined ? connection : untilAborted(connection, signal);
  try {
    const described = await asked.query(`DESCRIBE ${placed.value.table}`, name);
    if (!described.ok) return described;
    const counted = await asked.query(`SELECT count(*) AS n FROM ${placed.value.table}`, name);
    if (!counted.ok) return counted;
    const rows = requireNumber(counted.value[0]?.n);
    const at: Placed = { connection: asked, table: placed.value.table, source: name, rows };
    const columns = described.value.map(toColumn);
    const profile = await profilePlaced(at, columns, { reference, timeColumn: source.timeColumn });
    const inWindow = await faultsInWindow(connection, typed, placed.value.readable);
    const faults = await withUnreadableTimes(asked, typed, { columns, faults: inWindow });
    if (!faults.ok) return faults;
    return profile.ok ? ok(withReading(profile.value, { ...placed.value.readable, faults: faults.value })) : profile;
  } finally {
    await placed.value.drop();
  }
}

/** Reading text files has found unreadable times already, unless all of them are numbers. */
async function withUnreadableTimes(
  connection: Connection,
  source: TableSource,
  { columns, faults }: { readonly columns: readonly Column[]; readonly faults: readonly ReadFault[] },
): Promise<Result<readonly ReadFault[], Failure>> {
  const { timeColumn } = source;
  if (faults.some((fault) => fault.kind === 'unfit-values' && fault.column === timeColumn)) return ok(faults);
  const type = columns.find(({ name }) => name === timeColumn)?.sqlType;
  const found = await unreadableTimes(connection, source, type);
  return found.ok ? ok([...faults, ...found.value]) : found;
}

/** The profile with what reading the files has shown. */
function withReading(profile: TableProfile, { faults, dayFirst }: Readable): TableProfile {
  return {
    ...profile,
    columns: profile.columns.map((column) => {
      const isDayFirst = dayFirst.get(column.name);
      return isDayFirst === undefined ? column : { ...column, isDayFirst };
    }),
    faults: faults.length === 0 ? undefined : faults,
  };
}

async function profilePlaced(
  at: Placed,
  columns: readonly Column[],
  options: { readonly reference: TableProfile | undefined; readonly timeColumn: string | undefined },
): Promise<Result<TableProfile, Failure>> {
  const before = new Map(options.reference?.columns.map((column) => [column.name, column]));
  // Side by side: numbers keep this thread busy, the other columns DuckDB's threads.
  const [numbers, others] = await Promise.all([
    profileNumberColumns(at, columns, before),
    profileOthers(at, columns, before),
  ]);
  if (!numbers.ok) return numbers;
  if (!others.ok) return others;
  const found = columns.flatMap((column) => numbers.value.get(column.name) ?? others.value.get(column.name) ?? []);
  const time = await timeOf(at, columns, options.timeColumn);
  if (!time.ok) return time;
  const duplicates = await countDuplicates(at, columns);
  if (!duplicates.ok) return duplicates;
  const history = options.reference === undefined ? await readHistory(at, found, time.value) : ok(found);
  if (!history.ok) return history;
  return ok({
    format: 2,
    rows: at.rows,
    columns: history.value,
    time: time.value,
    duplicateRows: duplicates.value,
  });
}

function toColumn(row: Row): Column {
  const sqlType = String(row.column_type);
  return { name: String(row.column_name), sqlType, type: typeOf(sqlType) };
}

function typeOf(sqlType: string): ColumnType {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/.test(sqlType)) return 'integer';
  if (/^(DOUBLE|FLOAT|REAL|DECIMAL\([^)]*\))$/.test(sqlType)) return 'number';
  if (/^(VARCHAR|UUID|ENUM\(.*\))$/s.test(sqlType)) return 'text';
  if (sqlType === 'BOOLEAN') return 'boolean';
  return /^(TIMESTAMP[^[\]]*|DATE|TIME[^[\]]*)$/.test(sqlType) ? 'timestamp' : 'other';
}

const isNumber = (column: Column): boolean => column.type === 'number' || column.type === 'integer';

async function profileNumberColumns(
  at: Placed,
  columns: readonly Column[],
  before: ReadonlyMap<string, ColumnProfile>,
): Promise<Result<ReadonlyMap<string, ColumnProfile>, Failure>> {
  const wanted = columns.filter(isNumber).map((column): NumberColumn => {
    const quantiles = before.get(column.name)?.numeric?.quantiles;
    return { ...column, cells: quantiles };
  });
  const profiles = await profileNumbers(at, wanted);
  return profiles.ok ? ok(new Map(profiles.value.map((column) => [column.name, column]))) : profiles;
}

async function profileOthers(
  at: Placed,
  columns: readonly Column[],
  before: ReadonlyMap<string, ColumnProfile>,
): Promise<Result<ReadonlyMap<string, ColumnProfile>, Failure>> {
  const found = new Map<string, ColumnProfile>();
  for (const column of columns) {
    if (isNumber(column)) continue;
    const profile = await profileOther(at, column, before.get(column.name));
    if (!profile.ok) return profile;
    found.set(column.name, profile.value);
  }
  return ok(found);
}

async function profileOther(
  at: Placed,
  column: Column,
  before: ColumnProfile | undefined,
): Promise<Result<ColumnProfile, Failure>> {
  const base = { name: column.name, type: column.type, sqlType: column.sqlType, rows: at.rows };
  if (column.type === 'text' || column.type === 'boolean') {
    const text = await profileText(at, column.name, before?.categories);
    return text.ok ? ok({ ...base, notFinite: 0, ...text.value }) : text;
  }
  const id = identifier(column.name);
  // Of the times of a window it only matters whether there is more than one, which needs no sketch.
  const uniques =
    before !== undefined && column.type === 'timestamp'
      ? `coalesce((min(${id}) < max(${id}))::INTEGER + 1, 0)`
      : isExact(at)
        ? `count(DISTINCT ${id})`
        : `approx_count_distinct(hash(${id})) FILTER (WHERE ${id} IS NOT NULL)`;
  const counts = await at.connection.query(
    `SELECT count(${id})::DOUBLE AS present, (${uniques})::DOUBLE AS uniques FROM ${at.table}`,
    at.source,
  );
  if (!counts.ok) return counts;
  const present = requireNumber(counts.value[0]?.present);
  return ok({
    ...base,
    missing: at.rows - present,
    notFinite: 0,
    distinct: requireNumber(counts.value[0]?.uniques),
    isDistinctEstimate: before === undefined && isExact(at) ? undefined : true,
  });
}

/** Range of the time column: the one that was named, else the first timestamp. */
async function timeOf(
  at: Placed,
  columns: readonly Column[],
  timeColumn: string | undefined,
): Promise<Result<TableProfile['time'], Failure>> {
  const column = timeColumn ?? columns.find((one) => one.type === 'timestamp')?.name;
  if (column === undefined || !columns.some((one) => one.name === column)) return ok(undefined);
  const time = momentSql(column);
  const range = await at.connection.query(
    `SELECT epoch_ms(min(${time}))::DOUBLE AS a, epoch_ms(max(${time}))::DOUBLE AS b FROM ${at.table}`,
    at.source,
  );
  if (!range.ok) return range;
  const [first, last] = [numberOf(range.value[0]?.a), numberOf(range.value[0]?.b)];
  return ok(
    first === undefined || last === undefined ? undefined : { column, from: instantOf(first), to: instantOf(last) },
  );
}

async function countDuplicates(at: Placed, columns: readonly Column[]): Promise<Result<number | undefined, Failure>> {
  if (at.rows > DUPLICATE_ROWS || columns.length === 0) return ok(undefined);
  const all = columns.map((column) => identifier(column.name)).join(', ');
  const counted = await at.connection.query(
    `SELECT (count(*) - count(DISTINCT hash(${all})))::DOUBLE AS n FROM ${at.table}`,
    at.source,
  );
  return counted.ok ? ok(requireNumber(counted.value[0]?.n)) : counted;
}
