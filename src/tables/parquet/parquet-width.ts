import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import { MOST_COLUMNS } from '../text/too-wide.js';

/** A column takes at least so many bytes of the footer, which names its type, repetition and name. */
const LEAST_BYTES = 7;

/** The first Parquet file with too many columns; those inside structures count too. Only long footers are read. */
export async function widestParquet(connection: Connection, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (footerBytes(resolve(connection.root, path)) < LEAST_BYTES * MOST_COLUMNS) continue;
    const counted = await connection.query(
      `SELECT count(*) AS columns FROM parquet_schema(${literal(path)}) WHERE coalesce(num_children, 0) = 0`,
      path,
    );
    // A broken file is named by whoever reads its rows.
    if (counted.ok && Number(counted.value[0]?.columns) > MOST_COLUMNS) return path;
  }
  return undefined;
}

/** A Parquet file ends with the length of its footer and a mark of four bytes. 0 where it cannot be read. */
function footerBytes(path: string): number {
  const end = Buffer.alloc(8);
  try {
    const at = statSync(path).size - end.length;
    const file = openSync(path, 'r');
    try {
      if (at < 0 || readSync(file, end, 0, end.length, at) < end.length) return 0;
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
  return end.readUInt32LE(0);
}
