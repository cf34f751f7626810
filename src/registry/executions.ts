import type Database from 'better-sqlite3';
import type { AttemptId, ExecutionId, RunId, StepName } from '../domain/ids.js';
import type { Role } from '../domain/pipeline.js';
import type { RunRecords } from '../domain/ports/registry.js';
import { type Attempt, type ExecutionResult, STEP_STATUSES, type StepExecution } from '../domain/run.js';
import { fromIso, toIso } from '../domain/time.js';
import { writeLineage } from './lineage.js';
import { fromJson, NO_STEP, oneOf, optionalInstant, optionalJson } from './rows.js';

export interface ExecutionRow {
  readonly id: number;
  readonly run: string;
  readonly step: string;
  readonly role: string | null;
  readonly status: string;
  readonly reasons_json: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly failure_json: string | null;
  readonly source: number | null;
  readonly fingerprint: string | null;
  readonly parts_json: string | null;
}

interface AttemptRow {
  readonly id: number;
  readonly number: number;
  readonly log_path: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly process_json: string | null;
  readonly outcome_json: string | null;
}

const ROLES: readonly Role[] = ['extract', 'validate', 'prepare', 'train', 'evaluate'];

export function toExecution(db: Database.Database, row: ExecutionRow): StepExecution {
  const attempts = db
    .prepare<[number], AttemptRow>('SELECT * FROM attempt WHERE execution = ? ORDER BY number')
    .all(row.id);
  const finishedAt = optionalInstant(row.finished_at);
  return {
    id: row.id as ExecutionId,
    run: row.run as RunId,
    step: row.step as StepName,
    ...(row.role === null ? {} : { role: oneOf(ROLES, row.role, 'role') }),
    status: oneOf(STEP_STATUSES, row.status, 'step status'),
    reasons: fromJson(row.reasons_json),
    startedAt: fromIso(row.started_at),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(row.failure_json === null ? {} : { failure: fromJson(row.failure_json) }),
    ...(row.source === null ? {} : { source: row.source as ExecutionId }),
    attempts: attempts.map(toAttempt),
  };
}

function toAttempt(row: AttemptRow): Attempt {
  const finishedAt = optionalInstant(row.finished_at);
  const outcome = optionalJson<NonNullable<Attempt['outcome']>>(row.outcome_json);
  const process = optionalJson<NonNullable<Attempt['process']>>(row.process_json);
  return {
    id: row.id as AttemptId,
    number: row.number,
    logPath: row.log_path,
    startedAt: fromIso(row.started_at),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(process === undefined ? {} : { process }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

type ExecutionRecords = Pick<
  RunRecords,
  'startExecution' | 'startAttempt' | 'recordProcess' | 'finishAttempt' | 'finishExecution'
>;

/** The life of one step within a run. */
export function createExecutionRecords(db: Database.Database): ExecutionRecords {
  return {
    startExecution: (execution) => startExecution(db, execution),
    startAttempt: (attempt) =>
      Number(
        db
          .prepare('INSERT INTO attempt(execution, number, log_path, started_at) VALUES (?, ?, ?, ?)')
          .run(attempt.execution, attempt.number, attempt.logPath, toIso(attempt.startedAt)).lastInsertRowid,
      ) as AttemptId,
    recordProcess: (attempt, identity) =>
      void db.prepare('UPDATE attempt SET process_json = ? WHERE id = ?').run(JSON.stringify(identity), attempt),
    finishAttempt: (attempt, end) =>
      void db
        .prepare('UPDATE attempt SET outcome_json = ?, finished_at = ? WHERE id = ?')
        .run(JSON.stringify(end.outcome), toIso(end.finishedAt), attempt),
    finishExecution: (execution, result) => finishExecution(db, execution, result),
  };
}

/** What the step knew is forgotten in the same transaction: a crash from here on means "stale". */
function startExecution(db: Database.Database, execution: Parameters<RunRecords['startExecution']>[0]): ExecutionId {
  return db
    .transaction((): ExecutionId => {
      const pipeline = db
        .prepare<[string], { pipeline: string }>('SELECT pipeline FROM run WHERE id = ?')
        .get(execution.run)?.pipeline;
      if (pipeline === undefined) throw new Error(`internal error: execution of an unknown run ${execution.run}`);
      db.prepare(
        'UPDATE step_execution SET is_remembered = 0 WHERE pipeline = ? AND step = ? AND is_remembered = 1',
      ).run(pipeline, execution.step);
      const inserted = db
        .prepare(
          `INSERT INTO step_execution(run, pipeline, step, role, status, reasons_json, started_at)
           VALUES (?, ?, ?, ?, 'running', ?, ?)`,
        )
        .run(
          execution.run,
          pipeline,
          execution.step,
          execution.role ?? null,
          JSON.stringify(execution.reasons),
          toIso(execution.startedAt),
        );
      return Number(inserted.lastInsertRowid) as ExecutionId;
    })
    .immediate();
}

function finishExecution(db: Database.Database, id: ExecutionId, result: ExecutionResult): void {
  db.transaction(() => {
    db.prepare(
      `UPDATE step_execution SET status = ?, finished_at = ?, failure_json = ?, source = ?, fingerprint = ?,
         parts_json = ?, is_remembered = ? WHERE id = ?`,
    ).run(
      result.status,
      toIso(result.finishedAt),
      result.failure === undefined ? null : JSON.stringify(result.failure),
      result.source ?? null,
      result.remember?.fingerprint ?? null,
      result.remember === undefined ? null : JSON.stringify(result.remember.parts),
      result.remember === undefined ? 0 : 1,
      id,
    );
    writeLineage(db, id, 'read', result.reads);
    writeLineage(db, id, 'wrote', result.writes);
    const keyOf = db.prepare<[string], { id: number }>(
      'INSERT INTO metric_key(key) VALUES (?) ON CONFLICT DO UPDATE SET key = key RETURNING id',
    );
    const insert = db.prepare('INSERT OR REPLACE INTO metric VALUES (?, ?, ?, ?)');
    for (const point of result.metrics) insert.run(id, keyOf.get(point.key)?.id, point.step ?? NO_STEP, point.value);
  }).immediate();
}
