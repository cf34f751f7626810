import type Database from 'better-sqlite3';
import type { ContentHash, ExecutionId, Fingerprint, RunId, StepName, WorkspacePath } from '../../domain/ids.js';
import type { FingerprintParts, RememberedExecution } from '../../domain/pipeline/plan.js';
import type { RunRecords } from '../../domain/ports/records/run-records.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { MetricPoint } from '../../domain/runs/run.js';
import { fromIso } from '../../domain/support/time.js';
import { fromJson, NO_STEP } from '../database/rows.js';

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

/** Returns a writer that links an execution to the artifacts it read or wrote. */
export function lineageWriter(db: Database.Database) {
  const artifact = db.prepare<[string, string, number], { id: number }>(
    'INSERT INTO artifact(hash, kind, size) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hash = hash RETURNING id',
  );
  const link = db.prepare('INSERT OR REPLACE INTO lineage VALUES (?, ?, ?, ?, ?, ?, ?)');
  return (execution: ExecutionId, direction: 'read' | 'wrote', uses: readonly ArtifactUse[]): void => {
    for (const use of uses) {
      const row = artifact.get(use.artifact.hash, use.artifact.kind, use.artifact.size);
      link.run(execution, direction, use.path, row?.id, use.dataset ?? null, use.name ?? null, use.rows ?? null);
    }
  };
}

type LineageRecords = Pick<
  RunRecords,
  | 'remembered'
  | 'lastSuccess'
  | 'withFingerprint'
  | 'partsOf'
  | 'uses'
  | 'attemptDurations'
  | 'metrics'
  | 'metricsOfRun'
  | 'artifactAt'
  | 'usesOf'
>;

export function createLineageRecords(db: Database.Database): LineageRecords {
  const select = (where: string) =>
    db.prepare<string[], RememberedRow>(
      `SELECT id, run, fingerprint, parts_json FROM step_execution
       WHERE fingerprint IS NOT NULL AND ${where} ORDER BY id DESC LIMIT 1`,
    );
  const last = select('pipeline = ? AND step = ?');
  const byFingerprint = select("fingerprint = ? AND status IN ('succeeded', 'restored')");
  const usesOfExecution = db.prepare<[number, string], UseRow>(
    `${SELECT_USE} WHERE l.execution = ? AND l.direction = ? ORDER BY l.path`,
  );
  const uses = (execution: ExecutionId, direction: string) => usesOfExecution.all(execution, direction).map(toUse);
  const owner = ownerReader(db);
  const toRemembered = (row: RememberedRow | undefined): RememberedExecution | undefined =>
    row === undefined
      ? undefined
      : {
          ...remember(row),
          outputs: uses(row.id as ExecutionId, 'wrote').map((use) => ({ path: use.path, hash: use.artifact.hash })),
        };
  return {
    remembered: rememberedReader(db),
    lastSuccess: (pipeline, step) => toRemembered(last.get(pipeline, step)),
    withFingerprint: (fingerprint) => toRemembered(byFingerprint.get(fingerprint)),
    partsOf: (run) => partsOf(db, run),
    uses: (execution) => ({ reads: uses(owner(execution), 'read'), writes: uses(owner(execution), 'wrote') }),
    attemptDurations: durationsReader(db),
    ...metricsReaders(db),
    artifactAt: (run, path) => artifactAt(db, run, path),
    usesOf: (hash) => usesOf(db, hash),
  };
}

function durationsReader(db: Database.Database): RunRecords['attemptDurations'] {
  return (pipeline, step, limit) =>
    db
      .prepare<[string, string, number], { started_at: string; finished_at: string }>(
        `SELECT a.started_at, a.finished_at FROM step_execution AS e JOIN attempt AS a ON a.execution = e.id
         WHERE e.pipeline = ? AND e.step = ? AND e.status = 'succeeded' AND a.finished_at IS NOT NULL
           AND a.number = (SELECT max(number) FROM attempt WHERE execution = e.id)
         ORDER BY e.id DESC LIMIT ?`,
      )
      .all(pipeline, step, limit)
      .map((row) => fromIso(row.finished_at) - fromIso(row.started_at));
}

/** A skipped execution has no own rows, so use the execution whose result it reuses. */
const OWNER = "CASE WHEN e.status = 'skipped' THEN e.source ELSE e.id END";

function ownerReader(db: Database.Database) {
  const select = db.prepare<[number], { id: number }>(`SELECT ${OWNER} AS id FROM step_execution AS e WHERE e.id = ?`);
  return (execution: ExecutionId): ExecutionId => (select.get(execution)?.id ?? execution) as ExecutionId;
}

/** Parses the fingerprint parts only on access, because there are many and they are rarely used. */
const remember = (row: RememberedRow): Omit<RememberedExecution, 'outputs'> => ({
  run: row.run as RunId,
  execution: row.id as ExecutionId,
  fingerprint: row.fingerprint as Fingerprint,
  get parts() {
    return fromJson<FingerprintParts>(row.parts_json);
  },
});

/** Reads a whole pipeline with two queries, so that a plan of thousands of steps stays fast. */
function rememberedReader(db: Database.Database): RunRecords['remembered'] {
  const rows = db.prepare<[string], RememberedRow & { readonly step: string }>(
    `SELECT id, run, step, fingerprint, parts_json FROM step_execution
     WHERE pipeline = ? AND is_remembered = 1 AND fingerprint IS NOT NULL ORDER BY id`,
  );
  const outputs = db.prepare<[string], { execution: number; path: string; hash: string }>(
    `SELECT l.execution, l.path, a.hash FROM step_execution AS e
       JOIN lineage AS l ON l.execution = e.id AND l.direction = 'wrote' JOIN artifact AS a ON a.id = l.artifact
     WHERE e.pipeline = ? AND e.is_remembered = 1 ORDER BY l.execution, l.path`,
  );
  return (pipeline) => {
    const written = new Map<number, RememberedExecution['outputs'][number][]>();
    for (const { execution, path, hash } of outputs.all(pipeline)) {
      const one = { path: path as WorkspacePath, hash: hash as ContentHash };
      const known = written.get(execution);
      if (known === undefined) written.set(execution, [one]);
      else known.push(one);
    }
    return new Map(
      rows
        .all(pipeline)
        .map((row) => [row.step as StepName, Object.assign(remember(row), { outputs: written.get(row.id) ?? [] })]),
    );
  };
}

function partsOf(db: Database.Database, run: RunId) {
  const rows = db
    .prepare<[string], { step: string; fingerprint: string; parts_json: string }>(
      `SELECT e.step, o.fingerprint, o.parts_json FROM step_execution AS e JOIN step_execution AS o ON o.id = ${OWNER}
       WHERE e.run = ? AND o.fingerprint IS NOT NULL`,
    )
    .all(run);
  return new Map(
    rows.map((row) => [
      row.step as StepName,
      { fingerprint: row.fingerprint as Fingerprint, parts: fromJson<FingerprintParts>(row.parts_json) },
    ]),
  );
}

interface MetricRow {
  readonly key: string;
  readonly step: number;
  readonly value: number;
}

const toPoint = ({ key, step, value }: MetricRow): MetricPoint => ({
  key,
  value,
  ...(step === NO_STEP ? {} : { step }),
});

function metricsReaders(db: Database.Database): Pick<RunRecords, 'metrics' | 'metricsOfRun'> {
  const ofExecution = db.prepare<[number], MetricRow>(
    `SELECT k.key, m.step, m.value FROM step_execution AS e JOIN metric AS m ON m.execution = ${OWNER}
       JOIN metric_key AS k ON k.id = m.key WHERE e.id = ? ORDER BY 1, 2`,
  );
  const ofRun = db.prepare<[string], MetricRow>(
    `SELECT k.key, m.step, m.value FROM step_execution AS e JOIN metric AS m ON m.execution = ${OWNER}
       JOIN metric_key AS k ON k.id = m.key WHERE e.run = ? ORDER BY e.id, 1, 2`,
  );
  return {
    metrics: (execution) => ofExecution.all(execution).map(toPoint),
    metricsOfRun: (run) => ofRun.all(run).map(toPoint),
  };
}

function artifactAt(db: Database.Database, run: RunId, path: WorkspacePath): ArtifactUse | undefined {
  const row = db
    .prepare<[string, string], UseRow>(
      `${SELECT_USE} JOIN step_execution AS e ON l.execution = ${OWNER}
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
