import type Database from 'better-sqlite3';
import type { ContentHash } from '../../domain/ids.js';
import type { SchemaRecords } from '../../domain/ports/records/data-records.js';

interface SchemaRow {
  readonly dataset: string;
  readonly hash: string;
  readonly inferred_from: string | null;
}

const INFERRED = '(SELECT max(s.run) FROM run_schema AS s WHERE s.dataset = l.dataset AND s.hash = l.hash)';

/** Records of schemas by dataset: those inferred from a run's data, and those that data checks used. */
export function createSchemaRecords(db: Database.Database): SchemaRecords {
  const read = (sql: string, id: string) =>
    db
      .prepare<[string], SchemaRow>(sql)
      .all(id)
      .map((row) => ({
        dataset: row.dataset,
        hash: row.hash as ContentHash,
        ...(row.inferred_from === null ? {} : { inferredFrom: row.inferred_from }),
      }));
  return {
    save: (run, dataset, hash) =>
      void db.prepare('INSERT OR IGNORE INTO run_schema VALUES (?, ?, ?)').run(run, dataset, hash),
    inferred: (run) =>
      read('SELECT dataset, hash, run AS inferred_from FROM run_schema WHERE run = ? ORDER BY dataset', run),
    ofDecision: (decision) =>
      read(
        `SELECT l.dataset, l.hash, ${INFERRED} AS inferred_from FROM look_schema AS l JOIN data_look AS d ON d.id = l.look
         WHERE d.decision = ? ORDER BY l.dataset`,
        decision,
      ),
  };
}
