import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Rig } from '../support/rig.js';

/** A pipeline that watches the files of `path`, against a reference of its own. */
export const monitoring = (name: string, path: string): string => `pipeline: ${name}
datasets: { rows: { path: "${path}", time: at } }
steps:
  copy: { run: cp reference.parquet ${name}.parquet, inputs: [reference.parquet], outputs: [${name}.parquet] }
monitor: { reference: ${name}.parquet, current: { dataset: rows, window: 10d } }
`;

/** Rows of consecutive days, 10 numbers each, so that a file of 300,000 is a large one. */
export const rowsSql = (seed: number, day: number, days: number, rows: number, shift = 0): string =>
  `SELECT ${Array.from({ length: 9 }, (_, i) => `((hash(r * 64 + ${i} + ${seed}) % 1000003) / 1000003.0 + ${i === 0 ? shift : 0}) AS n${i}`).join(', ')},
     'v' || (hash(r * 64 + 63 + ${seed}) % 7) AS c,
     TIMESTAMP '2026-01-01' + to_seconds(((${day} + ${days} * r / ${rows}) * 86400)::BIGINT) AS at FROM range(${rows}) AS t(r)`;

/** Parquet files by path, each from a query. */
export async function writeTables(rig: Rig, files: Readonly<Record<string, string>>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [name, sql] of Object.entries(files)) {
    rig.write({ [name]: '' });
    await connection.run(`COPY (${sql}) TO '${join(rig.root, name)}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

/** So many rows of `rowsSql` make a file of more than 16 MB, whose profile is kept. */
export const LARGE_ROWS = 300_000;
