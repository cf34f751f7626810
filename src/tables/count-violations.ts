import type { Failure } from '../domain/failure.js';
import type {
  ConditionChecked,
  RowCondition,
  TableCheck,
  TableChecked,
  TableSource,
} from '../domain/ports/datasets.js';
import { columnsOf } from '../domain/support/predicate.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Connection, requireNumber } from './connection.js';
import { type PlacedTable, place } from './placed-table.js';
import { isWindowed, laterRepeatSql, type SqlTypes, violationSql } from './predicate-sql.js';
import { identifier, literal } from './quoted.js';
import { makeReadable } from './read-source.js';
import { fromSql, nameOf, selectSql, whereSql } from './source-sql.js';
import { sqlFault } from './sql/user-sql.js';
import { type TableFile, writeTables } from './table-files.js';

/** The number of a row in its source. No column of a user has this name. */
const ROW = 'refit row 7f3c9a';
/** Conditions that one scan counts. */
const BATCH = 100;
/** Rows handed to JavaScript at a time. */
const CHUNK = 50_000;
const EXAMPLES = 3;

interface Opened {
  readonly connection: Connection;
  readonly table: string;
  readonly name: string;
  readonly types: SqlTypes;
}

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
    return await checkPlaced({ connection, table: placed.value.table, name, types }, placed.value, work, source);
  } finally {
    await connection.query(`DROP TABLE IF EXISTS ${placed.value.table}_alone`, '');
    await connection.query(`DROP TABLE IF EXISTS ${placed.value.table}_bad`, '');
    await placed.value.drop();
  }
}

async function checkPlaced(
  at: Opened,
  placed: PlacedTable,
  work: TableCheck,
  source: TableSource,
): Promise<Result<TableChecked, Failure>> {
  const counted = await countRows(at, work.conditions);
  if (!counted.ok) return counted;
  const { from } = work.shown;
  const shown = from.kind === 'query' ? work.shown : placed.readable.spell({ shown: from.paths });
  const conditions: ConditionChecked[] = [];
  for (const [i, condition] of work.conditions.entries()) {
    const count = counted.value.bad[i] ?? { bad: 0 };
    const looked = count.bad === 0 ? ok([]) : await examplesOf(at, condition);
    if (!looked.ok) return looked;
    const listing = count.bad === 0 ? {} : await listed(at, condition, shown);
    conditions.push({ ...count, ...listing, examples: looked.value });
  }
  const alone = work.rowOutliers === undefined ? ok(undefined) : await findAlone(at, work.rowOutliers);
  if (!alone.ok) return alone;
  const faulty = conditions.map((one) => one.fault !== undefined);
  const written =
    work.write === undefined
      ? ok(undefined)
      : await split(
          at,
          { ...work, source, conditions: work.conditions.filter((_, i) => faulty[i] !== true) },
          work.write,
        );
  if (!written.ok) return written;
  return ok({
    rows: counted.value.rows,
    outlierRows: counted.value.outlierRows,
    conditions,
    rowOutliers: alone.value,
    quarantined: written.value,
  });
}

type Count = Pick<ConditionChecked, 'bad' | 'fault'>;

/** One scan counts many conditions. Each rule of a user has its own scan, so that its error concerns no other. */
async function countRows(
  at: Opened,
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
    const sql = aloneSql(at, condition);
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

/** The statement that counts the rows of one condition by itself. */
function aloneSql(at: Opened, { predicate }: RowCondition): string | undefined {
  if (predicate.kind === 'rule')
    return `SELECT (count(*) FILTER (WHERE ${violationSql(predicate, at.types)}))::DOUBLE AS n FROM ${at.table}`;
  if (predicate.kind !== 'unique') return undefined;
  const columns = predicate.columns.map(identifier);
  const present = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return `SELECT coalesce(sum(c), 0)::DOUBLE AS n FROM (
    SELECT count(*) AS c FROM ${at.table} WHERE ${present} GROUP BY ${columns.join(', ')} HAVING count(*) > 1)`;
}

async function examplesOf(
  at: Opened,
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

async function listed(
  { connection, types }: Opened,
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

/** Runs by itself in any DuckDB that is started where the shown paths start from. */
function listingSql({ predicate }: RowCondition, types: SqlTypes, shown: TableSource): string {
  const bad = violationSql(predicate, types);
  const rows = selectSql(shown);
  if (isWindowed(predicate)) return `${rows} QUALIFY ${bad}`;
  return `${rows}${whereSql(shown) === '' ? ' WHERE' : ' AND'} ${bad}`;
}

/** Stores the numbers of the rows that are outliers as a whole. */
async function findAlone(
  at: Opened,
  { columns, isOutlier }: NonNullable<TableCheck['rowOutliers']>,
): Promise<Result<number, Failure>> {
  const table = `${at.table}_alone`;
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

interface SourcedCheck extends TableCheck {
  readonly source: TableSource;
}

/** Writes the bad rows with their reasons, and the other rows capped. Returns the number of bad rows. */
async function split(
  at: Opened,
  work: SourcedCheck,
  write: NonNullable<TableCheck['write']>,
): Promise<Result<number, Failure>> {
  const row = identifier(ROW);
  const reasons = work.conditions.flatMap((one) =>
    one.reason === undefined ? [] : [`CASE WHEN ${badSql(one, at.types)} THEN ${literal(one.reason)} END`],
  );
  if (work.rowOutliers?.reason !== undefined)
    reasons.push(`CASE WHEN ${row} IN (FROM ${at.table}_alone) THEN ${literal(work.rowOutliers.reason)} END`);
  const reason = reasons.length === 0 ? "''" : `concat_ws('; ', ${reasons.join(', ')})`;
  const bad = `${at.table}_bad`;
  const judged = await at.connection.query(
    `CREATE TEMP TABLE ${bad} AS SELECT * FROM (SELECT ${row} AS n, ${reason} AS reason FROM ${at.table}) WHERE reason <> ''`,
    at.name,
  );
  if (!judged.ok) return judged;
  const counted = await at.connection.query(`SELECT count(*)::DOUBLE AS n FROM ${bad}`, at.name);
  if (!counted.ok) return counted;
  const taken = new Set([...at.types.keys()].map((name) => name.toLowerCase()));
  const reasonName = taken.has('reason') ? 'refit_reason' : 'reason';
  const files: readonly TableFile[] = [
    ...(write.quarantine === undefined
      ? []
      : [
          {
            path: write.quarantine,
            sql: `SELECT t.* EXCLUDE (${row}), b.reason AS ${reasonName} FROM ${at.table} AS t JOIN ${bad} AS b ON b.n = t.${row} ORDER BY b.n`,
          },
        ]),
    ...(write.clean === undefined
      ? []
      : [
          {
            path: write.clean,
            sql: await cleanSql(at, work, write),
          },
        ]),
  ];
  const written = await writeTables(at.connection, files);
  return written.ok ? ok(requireNumber(counted.value[0]?.n)) : written;
}

/**
 * The clean rows, capped. From text to text, values keep their characters (`1.50`, `007`, `1e3`): they are read again as text,
 * in the same order, and only capped values are written anew.
 */
async function cleanSql(
  at: Opened,
  work: SourcedCheck,
  { clean = '', caps }: NonNullable<TableCheck['write']>,
): Promise<string> {
  const row = identifier(ROW);
  const kept = `WHERE ${row} NOT IN (SELECT n FROM ${at.table}_bad) ORDER BY ${row}`;
  const text = TEXT.test(clean) ? await textRows(at, work.source) : undefined;
  if (text === undefined) {
    const capped = caps.map((cap) => `${capSql(cap, at.types)} AS ${identifier(cap.column)}`);
    return `SELECT * EXCLUDE (${row})${capped.length === 0 ? '' : ` REPLACE (${capped.join(', ')})`} FROM ${at.table} ${kept}`;
  }
  const columns = [...at.types.keys()]
    .filter((name) => name !== ROW)
    .map((name) => {
      const cap = caps.find((one) => one.column === name);
      const id = identifier(name);
      if (cap === undefined) return `x.${id}`;
      const now = capSql(cap, at.types, 't.');
      return `CASE WHEN ${now} IS DISTINCT FROM t.${id} THEN (${now})::VARCHAR ELSE x.${id} END AS ${id}`;
    });
  return `SELECT ${columns.join(', ')} FROM ${at.table} AS t JOIN (${text}) AS x USING (${row}) ${kept}`;
}

const TEXT = /\.(csv|tsv)(\.(gz|zst))?$/i;

/** The rows of the source as text, with the same numbers as its typed rows; `undefined` unless it is one whole CSV file. */
async function textRows({ connection, types }: Opened, source: TableSource): Promise<string | undefined> {
  const { from, without, since, until, segment } = source;
  const isCut = [without, since, until, segment].some((one) => one !== undefined);
  const [path] = from.kind === 'files' && from.paths.length === 1 ? from.paths : [];
  if (isCut || path === undefined || !TEXT.test(path)) return undefined;
  const known = new Map([...types.keys()].map((name) => [name, { type: 'text' }] as const));
  const readable = await makeReadable(connection, { from: { kind: 'files', paths: [path] }, types: known });
  if (!readable.ok) return undefined;
  return `SELECT *, row_number() OVER () AS ${identifier(ROW)} FROM ${fromSql(readable.value.source)}`;
}

/** Of rows with the same key the first is kept: dropping all of them would lose data. */
const badSql = ({ predicate }: RowCondition, types: SqlTypes): string =>
  predicate.kind === 'unique' ? laterRepeatSql(predicate.columns, identifier(ROW)) : violationSql(predicate, types);

/** In a column of whole numbers the bound is the last whole number inside it. */
function capSql(
  { column, lower, upper }: NonNullable<TableCheck['write']>['caps'][number],
  types: SqlTypes,
  table = '',
): string {
  const id = `${table}${identifier(column)}`;
  const type = types.get(column) ?? 'DOUBLE';
  const isWhole = /INT/.test(type);
  const bound = (value: number): string => `TRY_CAST(${literal(String(value))}::DOUBLE AS ${type})`;
  return `CASE WHEN ${id} < ${literal(String(lower))}::DOUBLE THEN ${bound(isWhole ? Math.ceil(lower) : lower)}
    WHEN ${id} > ${literal(String(upper))}::DOUBLE AND NOT isnan(${id}) THEN ${bound(isWhole ? Math.floor(upper) : upper)} ELSE ${id} END`;
}
