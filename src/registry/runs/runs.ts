import type Database from 'better-sqlite3';
import type { PipelineName, RunId } from '../../domain/ids.js';
import type { RunRecords } from '../../domain/ports/records/run-records.js';
import { type NewRun, RUN_STATUSES, type Run } from '../../domain/runs/run.js';
import { fromIso, instantOf, toIso } from '../../domain/support/time.js';
import { newId } from '../database/new-id.js';
import { fromJson, oneOf, optionalInstant } from '../database/rows.js';
import { runSealer } from '../integrity/seals.js';
import { createBackupRecords } from './backups.js';
import { createExecutionRecords, executionsReader } from './executions.js';
import { createLineageRecords } from './lineage.js';
import { filterSql } from './run-filter-sql.js';
import { createTraceRecords } from './traces.js';
import { createWalkRecords } from './walk.js';

interface RunRow {
  readonly id: string;
  readonly pipeline: string;
  readonly file: string;
  readonly definition_hash: string;
  readonly trigger_json: string;
  readonly profile: string | null;
  readonly params_json: string;
  readonly now: string;
  readonly is_now_given: number;
  readonly started_at: string;
  readonly code_json: string;
  readonly actor: string;
  readonly environment_json: string;
  readonly process_json: string;
  readonly status: string;
  readonly is_tainted: number;
  readonly finished_at: string | null;
  readonly windows_json: string | null;
}

function toRun(row: RunRow): Run {
  const finishedAt = optionalInstant(row.finished_at);
  return {
    id: row.id as RunId,
    pipeline: row.pipeline as PipelineName,
    file: row.file,
    definitionHash: row.definition_hash as Run['definitionHash'],
    trigger: fromJson(row.trigger_json),
    ...(row.profile === null ? {} : { profile: row.profile }),
    params: fromJson(row.params_json),
    now: fromIso(row.now),
    isNowGiven: row.is_now_given === 1,
    startedAt: fromIso(row.started_at),
    code: fromJson(row.code_json),
    actor: row.actor,
    environment: fromJson(row.environment_json),
    process: fromJson(row.process_json),
    status: oneOf(RUN_STATUSES, row.status, 'run status'),
    isTainted: row.is_tainted === 1,
    finishedAt,
    ...(row.windows_json === null ? {} : { windows: fromJson(row.windows_json) }),
  };
}

/** Records of runs, their step executions, and the artifacts that those read and wrote. */
export function createRunRecords(db: Database.Database): RunRecords {
  const get = db.prepare<[string], RunRow>('SELECT * FROM run WHERE id = ?');
  const prefixed = db.prepare<[string, string], RunRow>('SELECT * FROM run WHERE id >= ? AND id < ? ORDER BY id');
  const unfinished = db.prepare<[], RunRow>("SELECT * FROM run WHERE status = 'running'");
  const definition = db.prepare<[string], { text: string }>('SELECT text FROM definition WHERE hash = ?');
  const executions = executionsReader(db);
  return {
    ...createExecutionRecords(db),
    ...createLineageRecords(db),
    ...createWalkRecords(db),
    ...createTraceRecords(db),
    ...createBackupRecords(db),
    newId: (at) => newId(at) as RunId,
    start: (run) => startRun(db, run),
    finish: (run, end) => finishRun(db, run, end),
    withdraw: (run) => {
      // Only steps that were skipped at its start have rows.
      db.prepare('DELETE FROM step_execution WHERE run = ?').run(run);
      db.prepare('DELETE FROM run WHERE id = ?').run(run);
    },
    get: (run) => {
      const row = get.get(run);
      return row === undefined ? undefined : toRun(row);
    },
    find: (idOrPrefix) => prefixed.all(idOrPrefix, `${idOrPrefix}\uffff`).map(toRun),
    list: (filter) => listRuns(db, filter).map(toRun),
    pipelines: () => pipelines(db),
    since: (epochMs) =>
      pipelines(db).flatMap((pipeline) =>
        db
          .prepare<[string, string], { id: string }>('SELECT id FROM run WHERE pipeline = ? AND started_at >= ?')
          .all(pipeline, toIso(instantOf(epochMs)))
          .map((row) => row.id as RunId),
      ),
    definition: (hash) => definition.get(hash)?.text,
    executions,
    unfinished: () =>
      unfinished.all().map((row) => ({
        run: toRun(row),
        attempts: executions(row.id as RunId).flatMap((execution) =>
          execution.attempts
            .filter((attempt) => attempt.finishedAt === undefined)
            .map((attempt) => ({
              execution: execution.id,
              attempt: attempt.id,
              process: attempt.process,
            })),
        ),
      })),
    markLost: (run, at) => markLost(db, run, toIso(at)),
  };
}

function startRun(db: Database.Database, run: NewRun): void {
  db.transaction(() => {
    db.prepare('INSERT OR IGNORE INTO definition VALUES (?, ?)').run(run.definition.hash, run.definition.text);
    db.prepare(
      `INSERT INTO run(id, pipeline, file, definition_hash, trigger_json, profile, params_json, now, is_now_given,
         started_at, code_json, actor, environment_json, process_json, windows_json, status)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')`,
    ).run(
      run.id,
      run.pipeline,
      run.file,
      run.definition.hash,
      JSON.stringify(run.trigger),
      run.profile ?? null,
      JSON.stringify(run.params),
      toIso(run.now),
      run.isNowGiven ? 1 : 0,
      toIso(run.startedAt),
      JSON.stringify(run.code),
      run.actor,
      JSON.stringify(run.environment),
      JSON.stringify(run.process),
      run.windows === undefined || run.windows.length === 0 ? null : JSON.stringify(run.windows),
    );
  }).immediate();
}

/** One index lookup per pipeline, regardless of its number of runs. */
const pipelines = (db: Database.Database): readonly PipelineName[] =>
  db
    .prepare<[], { name: string }>(
      `WITH RECURSIVE p(name) AS (SELECT min(pipeline) FROM run UNION ALL
         SELECT (SELECT min(pipeline) FROM run WHERE pipeline > name) FROM p WHERE name IS NOT NULL)
       SELECT name FROM p WHERE name IS NOT NULL`,
    )
    .all()
    .map((row) => row.name as PipelineName);

function finishRun(db: Database.Database, run: RunId, end: Parameters<RunRecords['finish']>[1]): void {
  db.transaction(() => {
    db.prepare('UPDATE run SET status = ?, is_tainted = ?, finished_at = ? WHERE id = ?').run(
      end.status,
      end.isTainted ? 1 : 0,
      toIso(end.finishedAt),
      run,
    );
    runSealer(db)(run);
  }).immediate();
}

function listRuns(db: Database.Database, filter: Parameters<RunRecords['list']>[0]): readonly RunRow[] {
  const { pipeline, status, where, limit } = filter;
  const wanted = where === undefined ? undefined : filterSql(where);
  const conditions = [
    ...(pipeline === undefined ? [] : ['r.pipeline = ?']),
    ...(status === undefined ? [] : ['r.status = ?']),
    ...(wanted === undefined ? [] : [wanted.text]),
  ];
  const given = [pipeline, status].filter((one) => one !== undefined);
  return db
    .prepare<(string | number)[], RunRow>(
      `SELECT r.* FROM run AS r ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
       ORDER BY r.started_at DESC, r.id DESC LIMIT ?`,
    )
    .all(...given, ...(wanted?.values ?? []), limit);
}

function markLost(db: Database.Database, run: RunId, at: string): void {
  db.transaction(() => {
    db.prepare("UPDATE run SET status = 'lost', finished_at = ? WHERE id = ? AND status = 'running'").run(at, run);
    db.prepare(
      "UPDATE step_execution SET status = 'lost', finished_at = ? WHERE run = ? AND status IN ('running', 'pending')",
    ).run(at, run);
    db.prepare(
      `UPDATE attempt SET finished_at = ? WHERE finished_at IS NULL
         AND execution IN (SELECT id FROM step_execution WHERE run = ?)`,
    ).run(at, run);
    runSealer(db)(run);
  }).immediate();
}
