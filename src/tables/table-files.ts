import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { messageOf } from '../domain/support/system-error.js';
import { syncPath } from '../platform/durable-files.js';
import type { Connection } from './connection.js';
import { describeColumns, keptInParquet } from './parquet/kept-in-parquet.js';
import { literal } from './quoted.js';
import { formatSql } from './table-format.js';

export interface TableFile {
  /** Absolute; the ending says the format. */
  readonly path: string;
  readonly sql: string;
}

/** Writes the rows of each query. No file is visible before all are on the disk, and each is complete or absent. */
export async function writeTables(connection: Connection, files: readonly TableFile[]): Promise<Result<void, Failure>> {
  const staged = files.map((file) => ({
    ...file,
    aside: join(dirname(file.path), `.refit-${randomUUID()}-${basename(file.path)}`),
  }));
  try {
    for (const { path, sql, aside } of staged) {
      const format = formatSql(path);
      if (format === undefined)
        return err({
          code: 'unsupported',
          what: `writing ${basename(path)}`,
          next: 'end its name with .csv, .tsv, .parquet, .json or .jsonl',
        });
      await mkdir(dirname(path), { recursive: true });
      // DuckDB writes only where refit itself may: the file is taken from there to where its user wants it
      const scratch = connection.temporaryPath(`-${basename(path)}`);
      const columns = /\.parquet$/i.test(path) ? await describeColumns(connection, sql, basename(path)) : ok([]);
      if (!columns.ok) return columns;
      const kept = keptInParquet(sql, columns.value);
      const copied = await connection.query(`COPY (${kept}) TO ${literal(scratch)} (${format})`, basename(path));
      if (!copied.ok) return err({ code: 'file-unwritable', path: basename(path), reason: reasonOf(copied.error) });
      await copyFile(scratch, aside, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await syncPath(aside);
    }
    for (const { path, aside } of staged) await rename(aside, path);
    for (const folder of new Set(staged.map(({ path }) => dirname(path)))) await syncPath(folder);
    return ok(undefined);
  } catch (error) {
    const reason = messageOf(error);
    return err({ code: 'file-unwritable', path: staged.map(({ path }) => basename(path)).join(', '), reason });
  } finally {
    for (const { aside } of staged) await rm(aside, { force: true });
  }
}

const reasonOf = (failure: Failure): string => ('reason' in failure ? failure.reason : failure.code);
