import type { Failure } from '../../domain/failure.js';
import type {
  ConditionChecked,
  RowCondition,
  TableCheck,
  TableChecked,
  TableSource,
} from '../../domain/ports/datasets.js';
import { columnsOf } from '../../domain/support/predicate.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Connection, requireNumber } from '../connection.js';
import { type PlacedTable, place } from '../placed-table.js';
import { isWindowed, type SqlTypes, violationSql } from '../predicate-sql.js';
import { identifier } from '../quoted.js';
import { nameOf, selectSql, whereSql } from '../source-sql.js';
import { sqlFault } from '../sql/user-sql.js';
import { badTable, type OpenedTable, outlierTable, ROW } from './opened-table.js';
import { separateRows } from './separate-rows.js';

/** Conditions that one scan counts. */
const BATCH = 100;
/** Rows handed to JavaScript at a time. */
const CHUNK = 50_000;
const EXAMPLES = 3;

/** Reads the source once and counts the rows that break each condition. On request it writes bad and clean rows. */
export async function countViolations(
  connection: Connection,
  source: TableSource,
  work: TableCheck,
): Promise<Result<TableChecked, Failure>> {
  const isNumbered = work.write !== undefined || work.rowOutliers !== undefined;
  const extra = `row_number() OVER () AS ${identifier(ROW)}`;
  const placed = await place(connection, source, isNumbered ? { extra } : {});
  if (!placed.ok) return placed;
  try {
    const name = nameOf(source);
    const described = await connection.query(`DESCRIBE ${placed.value.table}`, name);
    if (!described.ok) return described;
    const types = new Map(described.value.map((row) => [String(row.column_name), String(row.column_type)]));
    const at: OpenedTable = { connection, table: placed.value.table, name, types };
    return await checkPlaced(at, { placed: placed.value, source }, work);
  } finally {
    for (const made of [outlierTable(placed.value), badTable(placed.value)])
      await connection.query(`DROP TABLE IF EXISTS ${made}`, '');
    await placed.value.drop();
  }
}

async function checkPlaced(
  at: OpenedTable,
  { placed, source }: { readonly placed: PlacedTable; readonly source: TableSource },
  work: TableCheck,
): Promise<Result<TableChecked, Failure>> {
  const counted = await countRows(at, work.conditions);
  if (!counted.ok) return counted;
  const { from } = work.shown;
  const shown = from.kind === 'query' ? work.shown : placed.readable.spell({ shown: from.paths });
  const conditions: ConditionChecked[] = [];
  for (const [i, condition] of work.conditions.entries()) {
    const count = counted.value.bad[i] ?? { bad: 0 };
    const examples = count.bad === 0 ? ok([]) : await examplesOf(at, condition);
    if (!examples.ok) return examples;
    const listing = count.bad === 0 ? {} : await listingOf(at, condition, shown);
    conditions.push({ ...count, ...listing, examples: examples.value });
  }
  const outliers = work.rowOutliers === undefined ? ok(undefined) : await findRowOutliers(at, work.rowOutliers);
  if (!outliers.ok) return outliers;
  const sound = work.conditions.filter((_, i) => conditions[i]?.fault === undefined);
  const written =
    work.write === undefined
      ? ok(undefined)
      : await separateRows(at, { ...work, source, conditions: sound }, work.write);
  if (!written.ok) return written;
  return ok({
    rows: counted.value.rows,
    outlierRows: counted.value.outlierRows,
    conditions,
    rowOutliers: outliers.value,
    quarantined: written.value,
  });
}

type Count = Pick<ConditionChecked, 'bad' | 'fault'>;

/** One scan counts many conditions. Each rule of a user has its own scan, so that its error concerns no other. */
async function countRows(
  at: OpenedTable,
  conditions: readonly RowCondition[],
): Promise<Result<{ readonly rows: number; readonly outlierRows: number; readonly bad: readonly Count[] }, Failure>> {
  const bad: Count[] = conditions.map(() => ({ bad: 0 }));
  const plain = conditions.flatMap(({ predicate }, i) =>
    predicate.kind === 'rule' || isWindowed(predicate) ? [] : [{ i, sql: violationSql(predicate, at.types) }],
  );
  const outliers = conditions
    .filter((one) => one.isOutlier === true)
    .map((one) => violationSql(one.predicate, at.types));
  const anyOutlier = outliers.length === 0 ? 'false' : outliers.join(' OR ');
  const total = await at.connection.query(
    `SELECT count(*)::DOUBLE AS n, (count(*) FILTER (WHERE ${anyOutlier}))::DOUBLE AS o FROM ${at.table}`,
    at.name,
  );
  if (!total.ok) return total;
  for (let from = 0; from < plain.length; from += BATCH) {
    const batch = plain.slice(from, from + BATCH);
    const counts = batch.map(({ sql }, k) => `(count(*) FILTER (WHERE ${sql}))::DOUBLE AS b${k}`).join(', ');
    const read = await at.connection.query(`SELECT ${counts} FROM ${at.table}`, at.name);
    if (!read.ok) return read;
    for (const [k, { i }] of batch.entries()) bad[i] = { bad: requireNumber(read.value[0]?.[`b${k}`]) };
  }
  for (const [i, condition] of conditions.entries()) {
    const sql = ownScanSql(at, condition);
    if (sql === undefined) continue;
    const { predicate } = condition;
    const fault = predicate.kind === 'rule' ? await sqlFault(at.connection, predicate.sql, 'expression') : undefined;
    if (fault !== undefined) {
      bad[i] = { bad: 0, fault };
      continue;
    }
    const read = await at.connection.query(sql, at.name);
    if (read.ok) bad[i] = { bad: requireNumber(read.value[0]?.n) };
    else if (predicate.kind === 'rule' && read.error.code !== 'query-too-slow')
      bad[i] = { bad: 0, fault: reasonOf(read.error) };
    else return read;
  }
  const [row] = total.value;
  return ok({ rows: requireNumber(row?.n), outlierRows: requireNumber(row?.o), bad });
}

function reasonOf(failure: Failure): string {
  if (failure.code === 'data-outside-workspace') return `it leads to ${failure.path}, outside the workspace`;
  return 'reason' in failure ? failure.reason : failure.code;
}

/** The scan of a condition that is not counted together with others; `undefined` for those that are. */
function ownScanSql(at: OpenedTable, { predicate }: RowCondition): string | undefined {
  if (predicate.kind === 'rule')
    return `SELECT (count(*) FILTER (WHERE ${violationSql(predicate, at.types)}))::DOUBLE AS n FROM ${at.table}`;
  if (predicate.kind !== 'unique') return undefined;
  const columns = predicate.columns.map(identifier);
  const present = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return `SELECT coalesce(sum(c), 0)::DOUBLE AS n FROM (
    SELECT count(*) AS c FROM ${at.table} WHERE ${present} GROUP BY ${columns.join(', ')} HAVING count(*) > 1)`;
}

async function examplesOf(
  at: OpenedTable,
  { predicate }: RowCondition,
): Promise<Result<ConditionChecked['examples'], Failure>> {
  const columns = columnsOf(predicate);
  if (columns.length === 0 || predicate.kind === 'present') return ok([]);
  const value = columns.map((column) => `coalesce(${identifier(column)}::VARCHAR, '')`).join(` || ', ' || `);
  const where = `${isWindowed(predicate) ? 'QUALIFY' : 'WHERE'} ${violationSql(predicate, at.types)}`;
  const read = await at.connection.query(
    `SELECT v, count(*)::DOUBLE AS n FROM (SELECT left(${value}, 80) AS v FROM ${at.table} ${where})
     GROUP BY v ORDER BY n DESC, v LIMIT ${EXAMPLES}`,
    at.name,
  );
  return read.ok ? ok(read.value.map((row) => ({ value: String(row.v), rows: requireNumber(row.n) }))) : read;
}

async function listingOf(
  { connection, types }: OpenedTable,
  condition: RowCondition,
  shown: TableSource,
): Promise<Pick<ConditionChecked, 'sql' | 'isOfRows'>> {
  const { predicate } = condition;
  const isOfRows =
    predicate.kind === 'rule'
      ? (await sqlFault(connection, predicate.sql, 'row-condition')) === undefined
      : predicate.kind === 'in-range' || predicate.kind === 'one-of';
  return { sql: listingSql(condition, types, shown), isOfRows };
}

/** The statement that lists the bad rows for people. It runs in any DuckDB that is started where the shown paths start from. */
function listingSql({ predicate }: RowCondition, types: SqlTypes, shown: TableSource): string {
  const bad = violationSql(predicate, types);
  const rows = selectSql(shown);
  if (isWindowed(predicate)) return `${rows} QUALIFY ${bad}`;
  return `${rows}${whereSql(shown) === '' ? ' WHERE' : ' AND'} ${bad}`;
}

/** Stores the numbers of the rows that are outliers as a whole, and returns how many there are. */
async function findRowOutliers(
  at: OpenedTable,
  { columns, isOutlier }: NonNullable<TableCheck['rowOutliers']>,
): Promise<Result<number, Failure>> {
  const table = outlierTable(at);
  const made = await at.connection.query(`CREATE TEMP TABLE ${table}(n BIGINT)`, at.name);
  if (!made.ok) return made;
  const list = columns.map((column, i) => `${identifier(column)}::DOUBLE AS c${i}`).join(', ');
  let found = 0;
  for (let from = 0; ; from += CHUNK) {
    const read = await at.connection.columns(
      `SELECT ${identifier(ROW)}::DOUBLE AS n, ${list} FROM ${at.table}
       WHERE ${identifier(ROW)} > ${from} AND ${identifier(ROW)} <= ${from + CHUNK}`,
      at.name,
    );
    if (!read.ok) return read;
    const numbers = read.value.n ?? [];
    if (numbers.length === 0) return ok(found);
    const values = columns.map((_, i) => read.value[`c${i}`] ?? []);
    const outliers = numbers.filter((_, row) => isOutlier(values.map((column) => numberOrNull(column[row]))));
    found += outliers.length;
    if (outliers.length === 0) continue;
    const kept = await at.connection.query(`INSERT INTO ${table} SELECT unnest([${outliers.join(', ')}])`, at.name);
    if (!kept.ok) return kept;
  }
}

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
