import type { Stats } from 'node:fs';
import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Connection, Row } from '../connection.js';
import { literal } from '../quoted.js';
import { columnFaults, type FileColumns } from '../text/column-faults.js';

interface ParquetFile {
  readonly path: string;
  /** As people know it. */
  readonly shown: string;
  readonly stat: Stats | undefined;
}

/** By connection: one check asks many questions of the same files, and each would read all footers again. */
const known = new WeakMap<Connection, Map<string, Promise<readonly ReadFault[]>>>();

/** What is wrong with the columns of Parquet files, each compared with the others. Only their footers are read. */
export async function parquetColumnFaults(
  connection: Connection,
  files: readonly ParquetFile[],
): Promise<readonly ReadFault[]> {
  if (files.length < 2) return [];
  const key = JSON.stringify(
    files.map(({ path, stat }) => [path, stat?.ino, stat?.size, stat?.mtimeMs, stat?.ctimeMs]),
  );
  const own = known.get(connection) ?? new Map<string, Promise<readonly ReadFault[]>>();
  known.set(connection, own);
  const found = own.get(key) ?? readFaults(connection, files);
  own.set(key, found);
  return found;
}

async function readFaults(connection: Connection, files: readonly ParquetFile[]): Promise<readonly ReadFault[]> {
  const paths = [...new Set(files.map(({ path }) => literal(path)))].join(', ');
  const read = await connection.query(
    `SELECT file_name, name, coalesce(num_children, 0)::DOUBLE AS children FROM parquet_schema([${paths}]) ORDER BY file_name, column_id`,
    'columns',
  );
  // A broken file is named by whoever reads its rows.
  if (!read.ok) return [];
  const byFile = new Map<string, Row[]>();
  for (const row of read.value) {
    const rows = byFile.get(String(row.file_name)) ?? [];
    byFile.set(String(row.file_name), rows);
    rows.push(row);
  }
  return columnFaults(
    files.flatMap(({ path, shown }): readonly FileColumns[] => {
      const rows = byFile.get(path);
      return rows === undefined ? [] : [{ file: shown, names: topNames(rows), hasHeader: true }];
    }),
  );
}

/** The names right below the root: a schema lists each structure before its parts. */
function topNames(rows: readonly Row[]): readonly string[] {
  const names: string[] = [];
  // How many entries of the structures that are open are still to come
  let inside = 0;
  for (const { name, children } of rows.slice(1)) {
    if (inside === 0) names.push(String(name));
    else inside--;
    inside += Number(children);
  }
  return names;
}
