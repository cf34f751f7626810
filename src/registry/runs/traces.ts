import type Database from 'better-sqlite3';
import type { RunId } from '../../domain/ids.js';
import type { RunRecords } from '../../domain/ports/records/run-records.js';

/** Records of files that traced steps opened. */
export function createTraceRecords(db: Database.Database): Pick<RunRecords, 'recordTrace' | 'lastTrace'> {
  return {
    recordTrace: (execution, { reads, writes }) => {
      db.prepare('INSERT INTO traced_execution SELECT id, pipeline, step FROM step_execution WHERE id = ?').run(
        execution,
      );
      const insert = db.prepare('INSERT INTO traced_use VALUES (?, ?, ?)');
      for (const path of reads) insert.run(execution, 'read', path);
      for (const path of writes) insert.run(execution, 'wrote', path);
    },
    lastTrace: (pipeline, step) => {
      const last = db
        .prepare<[string, string], { execution: number; run: string }>(
          `SELECT t.execution, e.run FROM traced_execution AS t JOIN step_execution AS e ON e.id = t.execution
           WHERE t.pipeline = ? AND t.step = ? ORDER BY t.execution DESC LIMIT 1`,
        )
        .get(pipeline, step);
      if (last === undefined) return undefined;
      const paths = db.prepare<[number, string], { path: string }>(
        'SELECT path FROM traced_use WHERE execution = ? AND direction = ?',
      );
      const opened = (direction: string) => paths.all(last.execution, direction).map((row) => row.path);
      return { run: last.run as RunId, reads: opened('read'), writes: opened('wrote') };
    },
  };
}
