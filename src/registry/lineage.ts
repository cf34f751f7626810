import type Database from 'better-sqlite3';
import type { ArtifactUse } from '../domain/artifact.js';
import type { ContentHash, ExecutionId, Fingerprint, RunId, StepName, WorkspacePath } from '../domain/ids.js';
import type { FingerprintParts, RememberedExecution } from '../domain/plan.js';
import type { RunRecords } from '../domain/ports/registry.js';
import { fromJson, NO_STEP } from './rows.js';

interface UseRow {
  readonly path: string;
  readonly hash: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly dataset: string | null;
  readonly name: string | null;
  readonly rows: number | null;
}

interface RememberedRow {
  readonly id: number;
  readonly run: string;
  readonly fingerprint: string;
  readonly parts_json: string;
}

const toUse = (row: UseRow): ArtifactUse => ({
  path: row.path as WorkspacePath,
  artifact: { hash: row.hash as ContentHash, kind: row.kind, size: row.size },
  ...(row.dataset === null ? {} : { dataset: row.dataset }),
  ...(row.name === null ? {} : { name: row.name }),
  ...(row.rows === null ? {} : { rows: row.rows }),
});

const SELECT_USE = `SELECT l.path, a.hash, a.kind, a.size, l.dataset, l.name, l.rows
  FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact`;

/** Links between an execution and the artifacts it read or wrote. */
export function writeLineage(
  db: Database.Database,
  execution: ExecutionId,
  direction: 'read' | 'wrote',
  uses: readonly ArtifactUse[],
): void {
  const artifact = db.prepare<[string, string, number], { id: number }>(
    'INSERT INTO artifact(hash, kind, size) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hash = hash RETURNING id',
  );
  const link = db.prepare('INSERT OR REPLACE INTO lineage VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (const use of uses) {
    const row = artifact.get(use.artifact.hash, use.artifact.kind, use.artifact.size);
    link.run(execution, direction, use.path, row?.id, use.dataset ?? null, use.name ?? null, use.rows ?? null);
  }
}

type LineageRecords = Pick<
  RunRecords,
  'remembered' | 'lastSuccess' | 'withFingerprint' | 'partsOf' | 'uses' | 'metrics' | 'artifactAt' | 'usesOf'
>;

export function createLineageRecords(db: Database.Database): LineageRecords {
  const select = (where: string) =>
    db.prepare<string[], RememberedRow>(
      `SELECT id, run, fingerprint, parts_json FROM step_execution
       WHERE fingerprint IS NOT NULL AND ${where} ORDER BY id DESC LIMIT 1`,
    );
  const remembered = select('pipeline = ? AND step = ? AND is_remembered = 1');
  const last = select('pipeline = ? AND step = ?');
  const byFingerprint = select("fingerprint = ? AND status IN ('succeeded', 'restored')");
  const usesOfExecution = db.prepare<[number, string], UseRow>(
    `${SELECT_USE} WHERE l.execution = ? AND l.direction = ? ORDER BY l.path`,
  );
  const uses = (execution: ExecutionId, direction: string) => usesOfExecution.all(execution, direction).map(toUse);
  const toRemembered = (row: RememberedRow | undefined): RememberedExecution | undefined =>
    row === undefined
      ? undefined
      : {
          run: row.run as RunId,
          execution: row.id as ExecutionId,
          fingerprint: row.fingerprint as Fingerprint,
          parts: fromJson(row.parts_json),
          outputs: uses(row.id as ExecutionId, 'wrote').map((use) => ({ path: use.path, hash: use.artifact.hash })),
        };
  return {
    remembered: (pipeline, step) => toRemembered(remembered.get(pipeline, step)),
    lastSuccess: (pipeline, step) => toRemembered(last.get(pipeline, step)),
    withFingerprint: (fingerprint) => toRemembered(byFingerprint.get(fingerprint)),
    partsOf: (run) => partsOf(db, run),
    uses: (execution) => ({ reads: uses(execution, 'read'), writes: uses(execution, 'wrote') }),
    metrics: (execution) => metricsOf(db, execution),
    artifactAt: (run, path) => artifactAt(db, run, path),
    usesOf: (hash) => usesOf(db, hash),
  };
}

function partsOf(db: Database.Database, run: RunId) {
  const rows = db
    .prepare<[string], { step: string; fingerprint: string; parts_json: string }>(
      'SELECT step, fingerprint, parts_json FROM step_execution WHERE run = ? AND fingerprint IS NOT NULL',
    )
    .all(run);
  return new Map(
    rows.map((row) => [
      row.step as StepName,
      { fingerprint: row.fingerprint as Fingerprint, parts: fromJson<FingerprintParts>(row.parts_json) },
    ]),
  );
}

function metricsOf(db: Database.Database, execution: ExecutionId) {
  return db
    .prepare<[number], { key: string; step: number; value: number }>(
      'SELECT k.key, m.step, m.value FROM metric AS m JOIN metric_key AS k ON k.id = m.key WHERE execution = ? ORDER BY 1, 2',
    )
    .all(execution)
    .map(({ key, step, value }) => ({ key, value, ...(step === NO_STEP ? {} : { step }) }));
}

function artifactAt(db: Database.Database, run: RunId, path: WorkspacePath): ArtifactUse | undefined {
  const row = db
    .prepare<[string, string], UseRow>(
      `${SELECT_USE} JOIN step_execution AS e ON e.id = l.execution
       WHERE e.run = ? AND l.direction = 'wrote' AND l.path = ? ORDER BY e.id DESC LIMIT 1`,
    )
    .get(run, path);
  return row === undefined ? undefined : toUse(row);
}

function usesOf(db: Database.Database, hash: ContentHash) {
  return db
    .prepare<[string], { execution: number; run: string; step: string; direction: 'read' | 'wrote'; path: string }>(
      `SELECT l.execution, e.run, e.step, l.direction, l.path FROM artifact AS a
       JOIN lineage AS l ON l.artifact = a.id JOIN step_execution AS e ON e.id = l.execution
       WHERE a.hash = ? ORDER BY l.execution DESC`,
    )
    .all(hash)
    .map((row) => ({
      ...row,
      execution: row.execution as ExecutionId,
      run: row.run as RunId,
      step: row.step as StepName,
      path: row.path as WorkspacePath,
    }));
}
