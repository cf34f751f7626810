import type Database from 'better-sqlite3';
import type { RegistryFault } from '../../domain/upkeep.js';
import { sealsOf } from '../database/migrations/010-upkeep.js';
import { SEALED_TABLES } from '../database/migrations/012-seals.js';

/** All rows of a run, without row ids, because another machine's registry assigns other ids. */
const RUN_ROWS = `
SELECT json_array('run', pipeline, file, definition_hash, trigger_json, profile, params_json, now, is_now_given, started_at,
    code_json, actor, environment_json, status, is_tainted, finished_at) AS row FROM run WHERE id = @run
UNION ALL SELECT json_array('windows', windows_json) FROM run WHERE id = @run AND windows_json IS NOT NULL
UNION ALL SELECT * FROM (SELECT json_array('step', e.step, e.role, e.status, e.reasons_json, e.started_at, e.finished_at,
    e.failure_json, s.run, s.step, e.fingerprint, e.parts_json) FROM step_execution AS e
  LEFT JOIN step_execution AS s ON s.id = e.source WHERE e.run = @run ORDER BY e.id)
UNION ALL SELECT * FROM (SELECT json_array('attempt', a.number, a.log_path, a.started_at, a.finished_at, a.outcome_json)
  FROM step_execution AS e JOIN attempt AS a ON a.execution = e.id WHERE e.run = @run ORDER BY e.id, a.number, a.id)
UNION ALL SELECT * FROM (SELECT json_array('link', l.direction, l.path, r.hash, r.kind, r.size, l.dataset, l.name, l.rows)
  FROM step_execution AS e JOIN lineage AS l ON l.execution = e.id JOIN artifact AS r ON r.id = l.artifact
  WHERE e.run = @run ORDER BY e.id, l.direction, l.path)
UNION ALL SELECT * FROM (SELECT json_array('metric', k.key, m.step, m.value)
  FROM step_execution AS e JOIN metric AS m ON m.execution = e.id JOIN metric_key AS k ON k.id = m.key
  WHERE e.run = @run ORDER BY e.id, k.key, m.step)`;

/** Returns a function that seals an ended run with all its steps, links and metrics. */
export function runSealer(db: Database.Database): (run: string) => void {
  const seal = db.prepare(`INSERT OR REPLACE INTO seal SELECT 'run', @run, sha256_rows(row) FROM (${RUN_ROWS})`);
  return (run) => void seal.run({ run });
}

/** Sealed rows that were changed or deleted since they were written. */
export function brokenSeals(db: Database.Database): readonly RegistryFault[] {
  return [...SEALED_TABLES.flatMap((table) => brokenRows(db, table)), ...brokenRuns(db), ...brokenDefinitions(db)];
}

function brokenRows(db: Database.Database, table: string): readonly RegistryFault[] {
  return db
    .prepare<[string], { key: string; is_gone: number }>(
      `SELECT s.key, t.key IS NULL AS is_gone FROM seal AS s LEFT JOIN (${sealsOf(table)}) AS t ON t.key = s.key
       WHERE s.kind = ? AND (t.sha256 IS NULL OR t.sha256 <> s.sha256) ORDER BY s.key`,
    )
    .all(table)
    .map((row) => ({ what: `${table} ${row.key}`, detail: row.is_gone === 1 ? GONE : CHANGED }));
}

const GONE = 'the row was deleted';
const CHANGED = 'the row was changed after it was written';

function brokenRuns(db: Database.Database): readonly RegistryFault[] {
  const seals = db.prepare<[], { key: string; sha256: string }>("SELECT key, sha256 FROM seal WHERE kind = 'run'");
  const now = db.prepare<{ run: string }, { sha256: string }>(`SELECT sha256_rows(row) AS sha256 FROM (${RUN_ROWS})`);
  const exists = db.prepare<[string]>('SELECT 1 FROM run WHERE id = ?');
  const faults: RegistryFault[] = [];
  // Read all seals before the loop: the other statements must not run while this one iterates.
  for (const { key, sha256 } of seals.all()) {
    if (now.get({ run: key })?.sha256 === sha256) continue;
    faults.push({ what: `run ${key}`, detail: exists.get(key) === undefined ? GONE : RUN_CHANGED });
  }
  return faults;
}

const RUN_CHANGED = 'the run, its steps, links or metrics were changed after they were written';

const brokenDefinitions = (db: Database.Database): readonly RegistryFault[] =>
  db
    .prepare<[], { hash: string }>('SELECT hash FROM definition WHERE sha256(text) <> hash')
    .all()
    .map(({ hash }) => ({ what: `definition ${hash.slice(0, 12)}`, detail: 'the text does not match the hash' }));
