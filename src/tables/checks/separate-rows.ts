import type { Failure } from '../../domain/failure.js';
import type { RowCondition, TableCheck, TableSource } from '../../domain/ports/datasets.js';
import { ok, type Result } from '../../domain/support/result.js';
import { requireNumber } from '../connection.js';
import { laterRepeatSql, type SqlTypes, violationSql } from '../predicate-sql.js';
import { identifier, literal } from '../quoted.js';
import { makeReadable } from '../read-source.js';
import { fromSql } from '../source-sql.js';
import { type TableFile, writeTables } from '../table-files.js';
import { badTable, type OpenedTable, outlierTable, ROW } from './opened-table.js';

interface SourcedCheck extends Pick<TableCheck, 'conditions' | 'rowOutliers'> {
  readonly source: TableSource;
}

/** Writes the bad rows with their reasons, and the other rows capped. Returns the number of bad rows. */
export async function separateRows(
  at: OpenedTable,
  work: SourcedCheck,
  write: NonNullable<TableCheck['write']>,
): Promise<Result<number, Failure>> {
  const row = identifier(ROW);
  const reasons = work.conditions.flatMap((one) =>
    one.reason === undefined ? [] : [`CASE WHEN ${badSql(one, at.types)} THEN ${literal(one.reason)} END`],
  );
  if (work.rowOutliers?.reason !== undefined)
    reasons.push(`CASE WHEN ${row} IN (FROM ${outlierTable(at)}) THEN ${literal(work.rowOutliers.reason)} END`);
  const reason = reasons.length === 0 ? "''" : `concat_ws('; ', ${reasons.join(', ')})`;
  const bad = badTable(at);
  const judged = await at.connection.query(
    `CREATE TEMP TABLE ${bad} AS SELECT * FROM (SELECT ${row} AS n, ${reason} AS reason FROM ${at.table}) WHERE reason <> ''`,
    at.name,
  );
  if (!judged.ok) return judged;
  const counted = await at.connection.query(`SELECT count(*)::DOUBLE AS n FROM ${bad}`, at.name);
  if (!counted.ok) return counted;
  const files: TableFile[] = [];
  if (write.quarantine !== undefined) files.push({ path: write.quarantine, sql: quarantineSql(at) });
  if (write.clean !== undefined) files.push({ path: write.clean, sql: await cleanSql(at, work, write) });
  const written = await writeTables(at.connection, files);
  return written.ok ? ok(requireNumber(counted.value[0]?.n)) : written;
}

/** The bad rows with their reasons, in a column whose name no column of theirs has. */
function quarantineSql(at: OpenedTable): string {
  const row = identifier(ROW);
  const taken = new Set([...at.types.keys()].map((name) => name.toLowerCase()));
  const reasonName = taken.has('reason') ? 'refit_reason' : 'reason';
  return `SELECT t.* EXCLUDE (${row}), b.reason AS ${reasonName} FROM ${at.table} AS t JOIN ${badTable(at)} AS b ON b.n = t.${row} ORDER BY b.n`;
}

/**
 * The clean rows, capped. From text to text, values keep their characters (`1.50`, `007`, `1e3`): they are read again as text,
 * in the same order, and only capped values are written anew.
 */
async function cleanSql(
  at: OpenedTable,
  work: SourcedCheck,
  { clean = '', caps }: NonNullable<TableCheck['write']>,
): Promise<string> {
  const row = identifier(ROW);
  const kept = `WHERE ${row} NOT IN (SELECT n FROM ${badTable(at)}) ORDER BY ${row}`;
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
async function textRows({ connection, types }: OpenedTable, source: TableSource): Promise<string | undefined> {
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
