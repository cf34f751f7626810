import { rmSync } from 'node:fs';
import type { Failure } from '../../domain/failure.js';
import type { PredictionLog, PredictionSources } from '../../domain/ports/prediction-log.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import { bringUpToDate } from './bring-up-to-date.js';
import type { LogTables, QueryLog } from './log-tables.js';
import { countLog, readRows, readWindows, writeLabelled } from './read-log.js';

let opened = 0;

/**
 * Opens the joined log and brings it up to date. `place` is an absolute path for a DuckDB file that caches it; a damaged file
 * or one of other columns is made anew. Without `place`, or while another process has the file open, it is made in memory.
 */
export async function openPredictionLog(
  connection: Connection,
  sources: PredictionSources,
  place?: string,
): Promise<Result<PredictionLog, Failure>> {
  const db = `log_${opened++}`;
  const ask: QueryLog = (sql) => connection.query(sql, 'predictions');
  const attached = await attach(ask, db, place);
  if (!attached.ok) return attached;
  const tables: LogTables = { connection, sources, db, ask };
  const done = await bringUpToDate(tables);
  if (!done.ok) {
    await ask(`DETACH ${db}`);
    return done;
  }
  return ok({
    counts: () => countLog(tables),
    windows: (grid, span) => readWindows(tables, grid, span),
    rows: (span) => readRows(tables, span),
    writeLabelled: (span, path) => writeLabelled(tables, span, path),
    [Symbol.asyncDispose]: async () => void (await ask(`DETACH ${db}`)),
  });
}

/** Attaches the file at `place`. Removes a damaged file first; one that is locked stays, and memory is used instead. */
async function attach(ask: QueryLog, db: string, place: string | undefined): Promise<Result<unknown, Failure>> {
  if (place === undefined) return ask(`ATTACH ':memory:' AS ${db}`);
  const kept = await ask(`ATTACH ${literal(place)} AS ${db}`);
  if (kept.ok) return kept;
  const isLocked = kept.error.code === 'data-unreadable' && /lock/i.test(kept.error.reason);
  if (!isLocked) {
    for (const file of [place, `${place}.wal`]) rmSync(file, { force: true });
    const again = await ask(`ATTACH ${literal(place)} AS ${db}`);
    if (again.ok) return again;
  }
  return ask(`ATTACH ':memory:' AS ${db}`);
}
