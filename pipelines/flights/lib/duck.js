import { createRequire } from 'node:module';

// require() instead of import saves 0.2 s in each step: Node need not analyse the exports of all its files.
const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api');

/** Runs queries in order in an in-memory DuckDB and returns the rows of the last one as plain objects. */
export async function query(...statements) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  let rows = [];
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowObjectsJS();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Returns the columns of a query as arrays. The query must cast numbers to DOUBLE or INTEGER. */
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
