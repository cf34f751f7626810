import { createRequire } from 'node:module';

// an import would look through all of its files for what they export: 0.2 s of each step
const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api');

/** Runs queries one after the other in an in-memory DuckDB; the rows of the last one come back as plain objects. */
export async function query(...statements) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  let rows = [];
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowObjectsJS();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Columns of a table as arrays; numbers must be cast to DOUBLE or INTEGER in the query. */
export async function columns(statement) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const result = (await connection.runAndReadAll(statement)).getColumnsObjectJS();
  connection.closeSync();
  instance.closeSync();
  return result;
}

export const literal = (text) => `'${text.replaceAll("'", "''")}'`;

export const files = (paths) => `read_parquet([${paths.map(literal).join(', ')}])`;
