import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { ColumnProfile, ColumnType, NumericProfile, TableProfile } from '../domain/profile.js';
import { ok, type Result } from '../domain/result.js';
import { instantOf } from '../domain/time.js';
import { type Connection, numberOf, type Row, requireNumber } from './connection.js';
import { identifier, nameOf, selectSql } from './source-sql.js';
import { profileText } from './text-profile.js';

/** Ranks at which quantiles are kept: a KS distance from them is exact to about 0.001. */
const QUANTILE_STEPS = 1000;
/** Up to here quantiles are exact; above, a t-digest keeps memory flat. */
const EXACT_QUANTILE_ROWS = 3_000_000;

let profiles = 0;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly sqlType: string;
}

/** One scan for counts, ranges and quantiles of every column, one more for each text column's values. */
export async function profileTable(
  connection: Connection,
  source: TableSource,
): Promise<Result<TableProfile, Failure>> {
  const name = nameOf(source);
  const described = await connection.query(`DESCRIBE ${selectSql(source)}`, name);
  if (!described.ok) return described;
  const columns = described.value.map(toColumn);
  // materialized once, so that a CSV is parsed once; under a name of its own, since two may be profiled at a time
  const table = `profiled_${profiles++}`;
  const made = await connection.query(`CREATE TEMP TABLE ${table} AS ${selectSql(source)}`, name);
  if (!made.ok) return made;
  const counted = await connection.query(`SELECT count(*) AS n FROM ${table}`, name);
  if (!counted.ok) return counted;
  const rows = requireNumber(counted.value[0]?.n);
  const found: ColumnProfile[] = [];
  for (const column of columns) {
    const profile = await profileColumn(connection, { ...column, table }, rows, name);
    if (!profile.ok) return profile;
    found.push(profile.value);
  }
  const time = await timeOf(connection, { timeColumn: source.timeColumn, columns, table }, name);
  if (!time.ok) return time;
  await connection.query(`DROP TABLE ${table}`, name);
  return ok({ format: 1, rows, columns: found, ...(time.value === undefined ? {} : { time: time.value }) });
}

function toColumn(row: Row): Column {
  const sqlType = String(row.column_type);
  return { name: String(row.column_name), sqlType, type: typeOf(sqlType) };
}

function typeOf(sqlType: string): ColumnType {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/.test(sqlType)) return 'integer';
  if (/^(DOUBLE|FLOAT|REAL|DECIMAL.*)$/.test(sqlType)) return 'number';
  if (sqlType === 'VARCHAR' || sqlType.startsWith('ENUM')) return 'text';
  if (sqlType === 'BOOLEAN') return 'boolean';
  return /^(TIMESTAMP.*|DATE|TIME.*)$/.test(sqlType) ? 'timestamp' : 'other';
}

/** A column of the table that is being profiled. */
type Placed = Column & { readonly table: string };

async function profileColumn(
  connection: Connection,
  column: Placed,
  rows: number,
  source: string,
): Promise<Result<ColumnProfile, Failure>> {
  const base = { name: column.name, type: column.type, sqlType: column.sqlType, rows };
  if (column.type === 'number' || column.type === 'integer') {
    const numeric = await connection.query(numericSql(column), source);
    if (!numeric.ok) return numeric;
    const quantiles = await readQuantiles(connection, column, rows, source);
    return quantiles.ok ? ok({ ...base, ...toNumeric(numeric.value[0] ?? {}, rows, quantiles.value) }) : quantiles;
  }
  if (column.type === 'text' || column.type === 'boolean') {
    const text = await profileText(connection, column, rows, source);
    return text.ok ? ok({ ...base, notFinite: 0, ...text.value }) : text;
  }
  const id = identifier(column.name);
  const counts = await connection.query(
    `SELECT count(${id})::DOUBLE AS present, approx_count_distinct(${id})::DOUBLE AS uniques FROM ${column.table}`,
    source,
  );
  if (!counts.ok) return counts;
  const present = requireNumber(counts.value[0]?.present);
  return ok({ ...base, missing: rows - present, notFinite: 0, distinct: requireNumber(counts.value[0]?.uniques) });
}

function numericSql(column: Placed): string {
  const id = `${identifier(column.name)}::DOUBLE`;
  const finite = `FILTER (WHERE isfinite(${id}))`;
  return `SELECT count(${id})::DOUBLE AS present, (count(*) ${finite})::DOUBLE AS finite,
    (approx_count_distinct(${id}))::DOUBLE AS uniques, min(${id}) ${finite} AS lowest, max(${id}) ${finite} AS highest,
    avg(${id}) ${finite} AS mean, stddev_pop(${id}) ${finite} AS sd,
    (count(*) FILTER (WHERE ${id} = 0))::DOUBLE AS zeros, (count(*) FILTER (WHERE ${id} < 0))::DOUBLE AS negatives
    FROM ${column.table}`;
}

/** Values at equally spaced ranks, both ends included; of a short column all its values. */
async function readQuantiles(
  connection: Connection,
  column: Placed,
  rows: number,
  source: string,
): Promise<Result<readonly number[], Failure>> {
  const values = `SELECT ${identifier(column.name)}::DOUBLE AS v FROM ${column.table} WHERE isfinite(${identifier(column.name)}::DOUBLE)`;
  if (rows > EXACT_QUANTILE_ROWS) {
    const ranks = Array.from({ length: QUANTILE_STEPS + 1 }, (_, i) => i / QUANTILE_STEPS).join(', ');
    const sketched = await connection.query(`SELECT approx_quantile(v, [${ranks}]) AS q FROM (${values})`, source);
    if (!sketched.ok) return sketched;
    const list = sketched.value[0]?.q;
    return ok(Array.isArray(list) ? list.map(requireNumber) : []);
  }
  // one sort; quantile_disc with a list of ranks selects anew for each and takes forty times as long
  const picked = await connection.query(
    `WITH sorted AS (SELECT v, row_number() OVER (ORDER BY v) - 1 AS i, count(*) OVER () - 1 AS last FROM (${values}))
     SELECT v FROM sorted WHERE last < ${QUANTILE_STEPS}
       OR i IN (SELECT round(k * (SELECT max(last) FROM sorted) / ${QUANTILE_STEPS}.0)::BIGINT FROM range(${QUANTILE_STEPS + 1}) AS t(k))
     ORDER BY i`,
    source,
  );
  return picked.ok ? ok(picked.value.map((row) => requireNumber(row.v))) : picked;
}

function toNumeric(row: Row, rows: number, quantiles: readonly number[]) {
  const present = requireNumber(row.present);
  const finite = requireNumber(row.finite);
  const counts = {
    missing: rows - present,
    notFinite: present - finite,
    distinct: requireNumber(row.uniques),
  };
  if (finite === 0) return counts;
  const numeric: NumericProfile = {
    min: requireNumber(row.lowest),
    max: requireNumber(row.highest),
    mean: requireNumber(row.mean),
    sd: numberOf(row.sd) ?? 0,
    zeros: requireNumber(row.zeros),
    negatives: requireNumber(row.negatives),
    quantiles,
  };
  return { ...counts, numeric };
}

async function timeOf(
  connection: Connection,
  from: { readonly timeColumn: string | undefined; readonly columns: readonly Column[]; readonly table: string },
  name: string,
): Promise<Result<TableProfile['time'], Failure>> {
  const column = from.timeColumn ?? from.columns.find((one) => one.type === 'timestamp')?.name;
  if (column === undefined || !from.columns.some((one) => one.name === column)) return ok(undefined);
  const time = `TRY_CAST(${identifier(column)} AS TIMESTAMP)`;
  const range = await connection.query(
    `SELECT epoch_ms(min(${time}))::DOUBLE AS a, epoch_ms(max(${time}))::DOUBLE AS b FROM ${from.table}`,
    name,
  );
  if (!range.ok) return range;
  const [first, last] = [numberOf(range.value[0]?.a), numberOf(range.value[0]?.b)];
  return ok(
    first === undefined || last === undefined ? undefined : { column, from: instantOf(first), to: instantOf(last) },
  );
}
