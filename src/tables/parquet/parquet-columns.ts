import type { Stats } from 'node:fs';
import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Connection, Row } from '../connection.js';
import { identifier, literal } from '../quoted.js';
import { columnFaults, type FileColumns } from '../text/column-faults.js';

interface ParquetFile {
  readonly path: string;
  /** As people know it. */
  readonly shown: string;
  readonly stat: Stats | undefined;
}

/** By connection: one check asks many questions of the same files, and each would read all footers again. */
const known = new WeakMap<Connection, Map<string, Promise<readonly ReadFault[]>>>();

/** What is wrong with the columns of Parquet files, each compared with the others. Only their footers are read, and columns of mixed types. */
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
    `SELECT file_name, name, duckdb_type AS type, coalesce(num_children, 0)::DOUBLE AS children FROM parquet_schema([${paths}])
     ORDER BY file_name, column_id`,
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
  const schemas = files.flatMap((file): readonly Schema[] => {
    const rows = byFile.get(file.path);
    return rows === undefined ? [] : [{ ...file, columns: topColumns(rows) }];
  });
  const columns = schemas.map(({ shown, columns }): FileColumns => {
    return { file: shown, names: columns.map(({ name }) => name), hasHeader: true };
  });
  return [...columnFaults(columns), ...(await roundedNumbers(connection, schemas))];
}

interface Column {
  readonly name: string;
  readonly type: string;
}

interface Schema extends ParquetFile {
  readonly columns: readonly Column[];
}

/** The columns right below the root: a schema lists each structure before its parts. */
function topColumns(rows: readonly Row[]): readonly Column[] {
  const columns: Column[] = [];
  // How many entries of the structures that are open are still to come
  let inside = 0;
  for (const { name, type, children } of rows.slice(1)) {
    if (inside === 0) columns.push({ name: String(name), type: String(type) });
    else inside--;
    inside += Number(children);
  }
  return columns;
}

/** Whole numbers that a 32-bit float may round: those of more than 24 bits. */
const WHOLE = /^(U?(INTEGER|BIGINT|HUGEINT)|DECIMAL\([0-9]+,0\))$/;
const FLOAT = /^(FLOAT|DOUBLE)$/;

/** Columns that are whole numbers in some files and floats in others: all are read as floats, which round large numbers. */
async function roundedNumbers(connection: Connection, schemas: readonly Schema[]): Promise<readonly ReadFault[]> {
  const byName = new Map<string, { readonly path: string; readonly shown: string; readonly type: string }[]>();
  for (const { path, shown, columns } of schemas)
    for (const { name, type } of columns) {
      const having = byName.get(name) ?? [];
      byName.set(name, having);
      having.push({ path, shown, type });
    }
  const faults: ReadFault[] = [];
  for (const [name, having] of byName) {
    const [wholes, floats] = [WHOLE, FLOAT].map((kind) => having.filter(({ type }) => kind.test(type)));
    const [whole, float] = [wholes?.[0], floats?.[0]];
    if (wholes === undefined || whole === undefined || float === undefined) continue;
    const type = floats?.some((one) => one.type === 'DOUBLE') ? 'DOUBLE' : 'FLOAT';
    const id = identifier(name);
    const counted = await connection.query(
      `SELECT count(*)::DOUBLE AS n FROM read_parquet([${wholes.map(({ path }) => literal(path)).join(', ')}], union_by_name = true)
       WHERE TRY_CAST(${id}::${type} AS HUGEINT) IS DISTINCT FROM TRY_CAST(${id} AS HUGEINT)`,
      'columns',
    );
    const rows = counted.ok ? Number(counted.value[0]?.n) : 0;
    if (rows > 0) faults.push({ kind: 'rounded-numbers', column: name, rows, file: whole.shown, other: float.shown });
  }
  return faults;
}
