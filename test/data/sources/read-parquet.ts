import { DuckDBInstance } from '@duckdb/node-api';

/** Types and values (as text) of a Parquet file. */
export async function readParquet(path: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const table = `read_parquet('${path}')`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${table}`);
  const read = await connection.runAndReadAll(`SELECT COLUMNS(*)::VARCHAR FROM ${table}`);
  return {
    types: described.getRowObjectsJS().map((row) => row.column_type),
    rows: read.getRowsJS(),
  };
}
