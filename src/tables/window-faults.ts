import type { ReadFault } from '../domain/data/read-fault.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Connection } from './connection.js';
import { identifier } from './quoted.js';
import { makeReadable, type Readable } from './read-source.js';
import { fromSql, whereSql } from './source-sql.js';
import { readCsvFile } from './text/scanned-files.js';

const ROW = 'refit row 5d80aa';

/**
 * The faults that concern a window. A broken row has no time of its own: it belongs where the rows before and behind it do,
 * and to every window where that cannot be told.
 */
export async function faultsInWindow(
  connection: Connection,
  source: TableSource,
  { faults }: Readable,
): Promise<readonly ReadFault[]> {
  const { from, timeColumn, since, until } = source;
  const isCut = timeColumn !== undefined && (since !== undefined || until !== undefined);
  if (!isCut || from.kind !== 'files' || !faults.some((fault) => fault.kind === 'broken-rows')) return faults;
  const kept: ReadFault[] = [];
  const inside = new Set<string>();
  const known = new Set<string>();
  for (const path of from.paths) {
    const scanned = await readCsvFile(connection, path);
    if (!scanned.ok || scanned.value.scan.brokenRows === 0) continue;
    const { shown, scan } = scanned.value;
    known.add(shown);
    const rows = await rowsInside(connection, { ...source, from: { kind: 'files', paths: [path] } }, [
      ...new Set(scan.broken.flatMap(({ rowsBefore }) => [rowsBefore, rowsBefore + 1])),
    ]);
    for (const { rowsBefore, line } of scan.broken)
      if (rows === undefined || rows.has(rowsBefore) || rows.has(rowsBefore + 1)) inside.add(`${shown}:${line}`);
  }
  for (const fault of faults) {
    if (fault.kind !== 'broken-rows') kept.push(fault);
    else {
      const first = fault.first.filter(({ file, line }) => !known.has(file) || inside.has(`${file}:${line}`));
      const outside = fault.first.length - first.length;
      if (first.length > 0) kept.push({ ...fault, first, rows: fault.rows - outside });
    }
  }
  return kept;
}

/** Of these rows of a file, counted from 1, those inside the window; `undefined` where that cannot be told. */
async function rowsInside(
  connection: Connection,
  source: TableSource,
  rows: readonly number[],
): Promise<ReadonlySet<number> | undefined> {
  const readable = await makeReadable(connection, source);
  if (!readable.ok || source.timeColumn === undefined) return undefined;
  const { from, ...cut } = readable.value.source;
  const sql = `SELECT ${identifier(source.timeColumn)}, row_number() OVER () AS ${identifier(ROW)} FROM ${fromSql({ from })}`;
  const window: TableSource = { ...cut, from: { kind: 'query', sql }, without: undefined, segment: undefined };
  const found = await connection.query(
    `SELECT ${identifier(ROW)}::DOUBLE AS n FROM ${fromSql(window)}${whereSql(window)}
     AND ${identifier(ROW)} IN (${rows.join(', ')})`,
    'broken rows',
  );
  return found.ok ? new Set(found.value.map((row) => Number(row.n))) : undefined;
}
