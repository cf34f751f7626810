import type Database from 'better-sqlite3';
import type { AttemptId, ExecutionId, RunId, StepName } from '../../domain/ids.js';
import type { Role } from '../../domain/pipeline/pipeline.js';
import type { RunRecords } from '../../domain/ports/records/run-records.js';
import { type Attempt, STEP_STATUSES, type StepExecution } from '../../domain/runs/run.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { fromJson, NO_STEP, oneOf, optionalInstant, optionalJson } from '../database/rows.js';
import { lineageWriter } from './lineage.js';

interface ExecutionRow {
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
  readonly execution: number;
  readonly number: number;
  readonly log_path: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly process_json: string | null;
  readonly job_json: string | null;
  readonly outcome_json: string | null;
}

const ROLES: readonly Role[] = ['extract', 'validate', 'prepare', 'train', 'evaluate'];

/** Returns a reader for the executions of a run, in start order. */
export function executionsReader(db: Database.Database): RunRecords['executions'] {
  const executions = db.prepare<[string], ExecutionRow>('SELECT * FROM step_execution WHERE run = ? ORDER BY id');
  const attempts = db.prepare<[string], AttemptRow>(
    `SELECT a.* FROM step_execution AS e JOIN attempt AS a ON a.execution = e.id WHERE e.run = ? ORDER BY a.number`,
  );
  return (run) => {
    const byExecution = new Map<number, AttemptRow[]>();
    for (const row of attempts.all(run))
      byExecution.set(row.execution, [...(byExecution.get(row.execution) ?? []), row]);
    return executions.all(run).map((row) => toExecution(row, byExecution.get(row.id) ?? []));
  };
}

function toExecution(row: ExecutionRow, attempts: readonly AttemptRow[]): StepExecution {
  const finishedAt = optionalInstant(row.finished_at);
  return {
    id: row.id as ExecutionId,
    run: row.run as RunId,
    step: row.step as StepName,
    ...(row.role === null ? {} : { role: oneOf(ROLES, row.role, 'role') }),
    status: oneOf(STEP_STATUSES, row.status, 'step status'),
    reasons: fromJson(row.reasons_json),
    startedAt: fromIso(row.started_at),
    finishedAt,
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
    finishedAt,
    process,
    job: optionalJson<NonNullable<Attempt['job']>>(row.job_json),
    outcome,
  };
}

type ExecutionRecords = Pick<
  RunRecords,
  | 'startExecution'
  | 'startAttempt'
  | 'recordProcess'
  | 'recordJob'
  | 'finishAttempt'
  | 'finishExecution'
  | 'recordSkipped'
>;

/** Records of step executions: start, attempts and end. */
export function createExecutionRecords(db: Database.Database): ExecutionRecords {
  const insertAttempt = db.prepare(
    'INSERT INTO attempt(execution, number, log_path, started_at, process_json) VALUES (?, ?, ?, ?, ?)',
  );
  const setProcess = db.prepare('UPDATE attempt SET process_json = ? WHERE id = ?');
  const setJob = db.prepare('UPDATE attempt SET job_json = ? WHERE id = ?');
  const endAttempt = db.prepare('UPDATE attempt SET outcome_json = ?, finished_at = ? WHERE id = ?');
  return {
    startExecution: startExecution(db),
    startAttempt: ({ execution, number, logPath, startedAt, process }) => {
      const identity = process === undefined ? null : JSON.stringify(process);
      const inserted = insertAttempt.run(execution, number, logPath, toIso(startedAt), identity);
      return Number(inserted.lastInsertRowid) as AttemptId;
    },
    recordProcess: (attempt, identity) => void setProcess.run(JSON.stringify(identity), attempt),
    recordJob: (attempt, job) => void setJob.run(JSON.stringify(job), attempt),
    finishAttempt: (attempt, end) => void endAttempt.run(JSON.stringify(end.outcome), toIso(end.finishedAt), attempt),
    finishExecution: finishExecution(db),
    recordSkipped: recordSkipped(db),
  };
}

/** Runs `work` atomically: in the open transaction, or in a new one. */
function within<P extends unknown[], T>(db: Database.Database, work: (...given: P) => T): (...given: P) => T {
  const alone = db.transaction(work);
  return (...given) => (db.inTransaction ? work(...given) : alone.immediate(...given));
}

/** Forgets the fingerprint of the step in the same transaction, so that a crash from here on leaves it stale. */
function startExecution(db: Database.Database): RunRecords['startExecution'] {
  const forget = db.prepare(
    `UPDATE step_execution SET is_remembered = 0 WHERE is_remembered = 1 AND step = ?
       AND pipeline = (SELECT pipeline FROM run WHERE id = ?)`,
  );
  const insert = db.prepare(
    `INSERT INTO step_execution(run, pipeline, step, role, status, reasons_json, started_at)
     SELECT id, pipeline, ?, ?, 'running', ?, ? FROM run WHERE id = ?`,
  );
  const begin = (execution: Parameters<RunRecords['startExecution']>[0]): ExecutionId => {
    const { run, step, role, reasons, startedAt } = execution;
    forget.run(step, run);
    const inserted = insert.run(step, role ?? null, JSON.stringify(reasons), toIso(startedAt), run);
    if (inserted.changes !== 1) throw new Error(`internal error: execution of an unknown run ${run}`);
    return Number(inserted.lastInsertRowid) as ExecutionId;
  };
  return within(db, begin);
}

function finishExecution(db: Database.Database): RunRecords['finishExecution'] {
  const update = db.prepare(
    `UPDATE step_execution SET status = ?, finished_at = ?, failure_json = ?, source = ?, fingerprint = ?,
       parts_json = ?, is_remembered = ? WHERE id = ?`,
  );
  const keyOf = db.prepare<[string], { id: number }>(
    'INSERT INTO metric_key(key) VALUES (?) ON CONFLICT DO UPDATE SET key = key RETURNING id',
  );
  const addMetric = db.prepare('INSERT OR REPLACE INTO metric VALUES (?, ?, ?, ?)');
  const addLineage = lineageWriter(db);
  const end = (id: ExecutionId, result: Parameters<RunRecords['finishExecution']>[1]): void => {
    const { remember } = result;
    update.run(
      result.status,
      toIso(result.finishedAt),
      result.failure === undefined ? null : JSON.stringify(result.failure),
      result.source ?? null,
      remember?.fingerprint ?? null,
      remember === undefined ? null : JSON.stringify(remember.parts),
      remember === undefined ? 0 : 1,
      id,
    );
    addLineage(id, 'read', result.reads);
    addLineage(id, 'wrote', result.writes);
    // Cache the key ids: a series of a million points has only one key.
    const keys = new Map<string, number | undefined>();
    for (const { key, step, value } of result.metrics) {
      if (!keys.has(key)) keys.set(key, keyOf.get(key)?.id);
      addMetric.run(id, keys.get(key), step ?? NO_STEP, value);
    }
  };
  return within(db, end);
}

function recordSkipped(db: Database.Database): RunRecords['recordSkipped'] {
  const insert = db.prepare(
    `INSERT INTO step_execution(run, pipeline, step, role, status, reasons_json, started_at, finished_at, source)
     SELECT id, pipeline, ?, ?, 'skipped', '[]', ?, ?, ? FROM run WHERE id = ?`,
  );
  return ({ run, step, role, source, at }) =>
    Number(insert.run(step, role ?? null, toIso(at), toIso(at), source, run).lastInsertRowid) as ExecutionId;
}
