import type Database from 'better-sqlite3';
import type { ContentHash, ExecutionId, PipelineName, RunId, StepName, WorkspacePath } from '../../domain/ids.js';
import type { Downstream, ExecutionUse, RunRecords } from '../../domain/ports/records/run-records.js';
import { fromIso } from '../../domain/support/time.js';
import { toVersion, type VersionRow } from '../models/models.js';

interface UseRow {
  readonly execution: number;
  readonly run: string;
  readonly pipeline: string;
  readonly step: string;
  readonly path: string;
}

const toUse = (row: UseRow): ExecutionUse => ({
  execution: row.execution as ExecutionId,
  run: row.run as RunId,
  pipeline: row.pipeline as PipelineName,
  step: row.step as StepName,
  path: row.path as WorkspacePath,
});

const SELECT_USE = `SELECT l.execution, e.run, e.pipeline, e.step, l.path FROM artifact AS a
  JOIN lineage AS l ON l.artifact = a.id JOIN step_execution AS e ON e.id = l.execution`;

type WalkRecords = Pick<
  RunRecords,
  'originOf' | 'makerOf' | 'readersOf' | 'hashesAt' | 'hashesLike' | 'withDiff' | 'downstream'
>;

/** Queries that follow links between executions and artifacts. Both directions have an index. */
export function createWalkRecords(db: Database.Database): WalkRecords {
  const maker = db.prepare<[string, number, string | null, string | null], UseRow>(
    `${SELECT_USE} WHERE a.hash = ? AND l.direction = 'wrote' AND l.execution < ? AND (? IS NULL OR l.path = ?)
     ORDER BY l.execution DESC LIMIT 1`,
  );
  const readers = db.prepare<[string, string | null, string | null, number], UseRow>(
    `${SELECT_USE} WHERE a.hash = ? AND l.direction = 'read' AND (? IS NULL OR l.path = ?)
     ORDER BY l.execution DESC LIMIT ?`,
  );
  const origin = db.prepare<[number], { run: string }>(
    `WITH RECURSIVE back(id, source, run) AS (SELECT id, source, run FROM step_execution WHERE id = ?
       UNION SELECT e.id, e.source, e.run FROM back AS b JOIN step_execution AS e ON e.id = b.source)
     SELECT run FROM back ORDER BY id LIMIT 1`,
  );
  return {
    originOf: (execution) => origin.get(execution)?.run as RunId | undefined,
    makerOf: (hash, { reader = Number.MAX_SAFE_INTEGER, path = null } = {}) => {
      const row = maker.get(hash, reader, path, path);
      return row === undefined ? undefined : toUse(row);
    },
    readersOf: (hash, limit, path) => readers.all(hash, path ?? null, path ?? null, limit).map(toUse),
    hashesAt: (path) =>
      db
        .prepare<[string], { hash: string }>(
          `SELECT a.hash FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact WHERE l.path = ?
           GROUP BY a.id ORDER BY max(l.execution) DESC`,
        )
        .all(path)
        .map((row) => row.hash as ContentHash),
    hashesLike: (prefix) =>
      db
        .prepare<[string, string], { hash: string }>('SELECT hash FROM artifact WHERE hash >= ? AND hash < ?')
        .all(prefix, `${prefix}g`)
        .map((row) => row.hash as ContentHash),
    withDiff: (diff) =>
      db
        .prepare<[string], { id: string }>("SELECT id FROM run WHERE code_json ->> 'diff' = ? ORDER BY id DESC")
        .all(diff)
        .map((row) => row.id as RunId),
    downstream: (hashes) => downstream(db, hashes),
  };
}

/** `tainted`: affected artifacts. `touched`: executions that read or wrote one of them, or reuse such a result. */
const DOWN = `WITH RECURSIVE tainted(artifact) AS (
    SELECT id FROM artifact WHERE hash IN (SELECT value FROM json_each(?))
    UNION
    SELECT w.artifact FROM tainted AS t
      JOIN lineage AS r ON r.artifact = t.artifact AND r.direction = 'read'
      JOIN lineage AS w ON w.execution = r.execution AND w.direction = 'wrote'),
  touched(execution) AS (SELECT DISTINCT l.execution FROM tainted AS t JOIN lineage AS l ON l.artifact = t.artifact)`;

function downstream(db: Database.Database, hashes: readonly ContentHash[]): Downstream {
  const given = JSON.stringify(hashes);
  const artifacts = db
    .prepare<[string], { hash: string; path: string }>(
      `${DOWN} SELECT a.hash, (SELECT l.path FROM lineage AS l WHERE l.artifact = a.id
           ORDER BY l.direction DESC, l.execution DESC LIMIT 1) AS path
         FROM tainted AS t JOIN artifact AS a ON a.id = t.artifact ORDER BY a.id`,
    )
    .all(given)
    .map((row) => ({ ...row, hash: row.hash as ContentHash, path: row.path as WorkspacePath }));
  const runs = db
    .prepare<[string], { run: string; pipeline: string; started_at: string }>(
      `${DOWN} SELECT id AS run, pipeline, started_at FROM run WHERE id IN (
           SELECT run FROM step_execution WHERE id IN touched
           UNION SELECT run FROM step_execution WHERE source IN touched)
         ORDER BY started_at DESC, id DESC`,
    )
    .all(given)
    .map((row) => ({
      run: row.run as RunId,
      pipeline: row.pipeline as PipelineName,
      startedAt: fromIso(row.started_at),
    }));
  const versions = db
    .prepare<[string], VersionRow>(
      `${DOWN} SELECT v.* FROM tainted AS t JOIN artifact AS a ON a.id = t.artifact
         JOIN model_version AS v ON v.hash = a.hash ORDER BY v.model, v.version`,
    )
    .all(given)
    .map(toVersion);
  return { artifacts, runs, versions };
}
