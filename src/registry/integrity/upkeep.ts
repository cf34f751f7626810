import { existsSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash, ModelName, RunId, WorkspacePath } from '../../domain/ids.js';
import { LEDGER_START } from '../../domain/models/ledger.js';
import type { RegistryUpkeep } from '../../domain/ports/registry.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { messageOf } from '../../domain/support/system-error.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import type { RegistryFault, RunObjects, StoredReference } from '../../domain/upkeep.js';
import { moveDurably, syncPath } from '../../platform/durable-files.js';
import { headBeyond, lastEntry, readLedgerHead, writeLedgerHead } from '../database/ledger-head.js';
import { createAbsent } from './absent.js';
import { brokenSeals } from './seals.js';
import { giveSpaceBack, thinProfiles } from './thin-profiles.js';

/** Hashes of everything that was ever stored: outputs, models, predictions, diffs, schema files and inputs. */
const REFERENCES = `
SELECT DISTINCT a.hash, 'output' AS role FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact
  JOIN step_execution AS e ON e.id = l.execution WHERE l.direction = 'wrote' AND e.status IN ('succeeded', 'restored')
UNION SELECT hash, 'model' FROM model_version
UNION SELECT predictions, 'predictions' FROM evaluation WHERE predictions IS NOT NULL
UNION SELECT code_json ->> 'diff', 'diff' FROM run WHERE code_json ->> 'diff' IS NOT NULL
UNION SELECT hash, 'schema' FROM look_schema
UNION SELECT hash, 'schema' FROM run_schema
UNION SELECT hash, 'input' FROM stored_input`;

/** Operations on the registry as a whole: integrity, backup, and what gc needs to know. */
export function createUpkeep(db: Database.Database, path: string): RegistryUpkeep {
  const collectedAt = db.prepare<[string], { at: string | null }>(
    'SELECT max(collected_at) AS at FROM collected WHERE hash = ?',
  );
  const elsewhere = db.prepare<[string]>('SELECT 1 FROM elsewhere WHERE hash = ?');
  const absent = createAbsent(db);
  return {
    check: () => checkRegistry(db),
    counts: () => counts(db),
    references: () =>
      db
        .prepare<[], { hash: string; role: StoredReference['role'] }>(
          `SELECT hash, role FROM (${REFERENCES}) WHERE hash NOT IN (SELECT hash FROM collected)
             AND hash NOT IN (SELECT hash FROM elsewhere)`,
        )
        .all()
        .map((row) => ({ hash: row.hash as ContentHash, role: row.role })),
    objectsOfRuns: () => objectsOfRuns(db),
    folders: () =>
      db
        .prepare<[], { hash: string }>("SELECT hash FROM artifact WHERE kind = 'folder'")
        .all()
        .map((row) => row.hash as ContentHash),
    publications: () => publications(db),
    recordCollected: (hashes, at) => {
      const insert = db.prepare('INSERT OR IGNORE INTO collected VALUES (?, ?)');
      db.transaction(() => {
        for (const hash of hashes) {
          insert.run(hash, toIso(at));
          absent.forget(hash);
        }
      }).immediate();
    },
    wasNeverHere: absent.wasNeverHere,
    collectedAt: (hash) => {
      const at = collectedAt.get(hash)?.at ?? undefined;
      return at === undefined ? undefined : fromIso(at);
    },
    isElsewhere: (hash) => elsewhere.get(hash) !== undefined,
    recordStoredInputs: (hashes) => {
      const insert = db.prepare('INSERT OR IGNORE INTO stored_input VALUES (?)');
      db.transaction(() => hashes.forEach((hash) => void insert.run(hash))).immediate();
    },
    thinProfiles: (kept, isDry) => thinProfiles(db, kept, isDry),
    giveSpaceBack: () => {
      const size = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      const before = size();
      return giveSpaceBack(db) ? before - size() : undefined;
    },
    rewound: () => {
      const beyond = headBeyond(db, path);
      return beyond === undefined ? undefined : { here: lastEntry(db)?.entries ?? 0, seen: beyond.entries };
    },
    accepted: () => readLedgerHead(path)?.accepted ?? {},
    accept: (pointers) =>
      writeLedgerHead(path, { ...(lastEntry(db) ?? { entries: 0, hash: LEDGER_START }), accepted: pointers }),
    backup: (to) => backUp(db, to),
  };
}

function checkRegistry(db: Database.Database): readonly RegistryFault[] {
  const pages = db.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').all();
  const torn = pages.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  if (torn.length > 0) return torn.map((detail) => ({ what: 'database page', detail }));
  const links = db
    .prepare<[], { table: string; rowid: number | null; parent: string }>('PRAGMA foreign_key_check')
    .all();
  return [
    ...links.map((row) => ({
      what: `${row.table} ${row.rowid ?? ''}`.trim(),
      detail: `refers to a row of ${row.parent} that is gone`,
    })),
    ...brokenSeals(db),
  ];
}

function counts(db: Database.Database) {
  const count = (table: string): number =>
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
  return { runs: count('run'), artifacts: count('artifact'), sealed: count('seal') };
}

/** Outputs of each run, including those of skipped and restored steps, and its diff. */
function* objectsOfRuns(db: Database.Database): Iterable<RunObjects> {
  const outputs = db.prepare<[string], { hash: string }>(
    `SELECT DISTINCT a.hash FROM step_execution AS e
       JOIN lineage AS l ON l.execution = CASE WHEN e.status = 'skipped' THEN e.source ELSE e.id END
       JOIN artifact AS a ON a.id = l.artifact WHERE e.run = ?`,
  );
  const runs = db.prepare<[], { id: string; diff: string | null }>(
    "SELECT id, code_json ->> 'diff' AS diff FROM run ORDER BY id",
  );
  for (const { id, diff } of runs.all()) {
    const hashes = outputs.all(id).map((row) => row.hash as ContentHash);
    yield { run: id as RunId, hashes: diff === null ? hashes : [...hashes, diff as ContentHash] };
  }
}

const publications = (db: Database.Database) =>
  db
    .prepare<[], { model: string; version: number; path: string; folder: string }>(
      `SELECT model, move_json ->> 'to' AS version, publish_path AS path, folder FROM publish_intent AS i
       JOIN publish_intent_end AS e ON e.intent = i.id
       WHERE e.outcome = 'done' AND publish_path IS NOT NULL AND folder IS NOT NULL ORDER BY i.id DESC`,
    )
    .all()
    .map((row) => ({ ...row, model: row.model as ModelName, path: row.path as WorkspacePath }));

/** Copies page by page while others write, checks the copy, then renames it to its final name. */
async function backUp(db: Database.Database, path: string): Promise<Result<{ readonly bytes: number }, Failure>> {
  if (existsSync(path)) return err({ code: 'file-unwritable', path, reason: 'it exists already' });
  const staged = `${path}.part`;
  rmSync(staged, { force: true });
  try {
    await db.backup(staged);
    const copy = new Database(staged);
    // Without WAL the copy is a single file.
    copy.pragma('journal_mode = DELETE');
    const found = copy.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').get()?.integrity_check;
    copy.close();
    if (found !== 'ok')
      return err({
        code: 'integrity',
        what: 'the copy of the registry',
        expected: 'ok',
        found: found ?? '',
        next: 'see "refit verify"',
      });
    await syncPath(staged);
    await moveDurably(staged, path);
    return ok({ bytes: statSync(path).size });
  } catch (error) {
    return err({ code: 'file-unwritable', path, reason: messageOf(error) });
  } finally {
    rmSync(staged, { force: true });
  }
}
