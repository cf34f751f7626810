import { dirname } from 'node:path';
import type { KeptRun, RunHistory } from '../../domain/ports/run-history.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { type Addresses, createAddresses } from './addresses.js';
import { createPlainNamer, type PlainNamer } from './plain-names.js';
import { readModels } from './registered.js';
import {
  COUNT_ROW,
  DATASET_ROW,
  EXPERIMENT_ROW,
  ForeignRow,
  METRIC_ROW,
  PARAM_ROW,
  type PairRow,
  RUN_ROW,
  type RunRow,
  type StoredPoint,
  TAG_ROW,
} from './row-forms.js';
import { openTables, reasonUnreadable, type Tables } from './tables.js';
import { paramOf, pointsOf } from './values.js';

/** A database that holds a row that cannot be one of MLflow. */
export interface ForgedHistory {
  readonly fault: string;
}

/**
 * Opens the run history of an MLflow database. Returns a reason if the file is not one. Every row is checked before the first is
 * returned, so a database with one bad row is imported not at all. Artifacts outside of `allowed` folders are missing.
 */
export function openHistory(path: string, allowed: readonly string[]): RunHistory | ForgedHistory | string {
  let tables: Tables | undefined;
  try {
    const opened = openTables(path);
    if (typeof opened === 'string') return opened;
    tables = opened;
    const history = readHistory(tables, path, allowed);
    for (const _ of history.runs());
    history.models();
    return history;
  } catch (error) {
    tables?.[Symbol.dispose]();
    if (error instanceof ForeignRow) return { fault: error.message };
    const unreadable = reasonUnreadable(error);
    if (unreadable === undefined) throw error;
    return unreadable;
  }
}

function readHistory(tables: Tables, path: string, allowed: readonly string[]): RunHistory {
  const folder = dirname(path);
  const pipelines = createPlainNamer('the experiment');
  // In order of ids, so that the same database always gives the same names.
  for (const { experiment } of tables.all(EXPERIMENT_ROW, EXPERIMENTS(tables))) pipelines.nameOf(experiment ?? '');
  const places = createAddresses(folder, allowed);
  const models = readModels(tables, places);
  return {
    runs: () => runsOf(tables, places, pipelines),
    models: () => models.models,
    deleted: { runs: deletedRuns(tables), versions: models.deleted },
    notes: [...pipelines.notes(), ...models.notes],
    [Symbol.dispose]: () => tables[Symbol.dispose](),
  };
}

/** Experiment names are unique only within a server workspace, so the workspace is part of the name. */
const EXPERIMENT = (tables: Tables): string =>
  tables.has('experiments', 'workspace')
    ? "CASE WHEN e.workspace = 'default' THEN e.name ELSE e.workspace || '.' || e.name END"
    : 'e.name';

const EXPERIMENTS = (tables: Tables): string =>
  `SELECT ${EXPERIMENT(tables)} AS experiment FROM experiments AS e ORDER BY e.experiment_id`;

const KEPT = "r.lifecycle_stage IS NOT 'deleted' AND e.lifecycle_stage IS NOT 'deleted'";

const deletedRuns = (tables: Tables): number =>
  tables.all(
    COUNT_ROW,
    `SELECT count(*) AS n FROM runs AS r LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id WHERE NOT (${KEPT})`,
  )[0]?.n ?? 0;

function* runsOf(tables: Tables, places: Addresses, pipelines: PlainNamer): Iterable<KeptRun> {
  const params = tables.ofRun(PARAM_ROW, 'key, value', 'key');
  const tags = tables.ofRun(TAG_ROW, 'key, value', 'key');
  const metrics = tables.ofRun(METRIC_ROW, 'key, value, timestamp, step, is_nan', 'key, step, timestamp, value');
  const datasets = datasetsReader(tables);
  const rows = tables.all(
    RUN_ROW,
    `SELECT r.run_uuid, r.name, r.user_id, r.status, r.start_time, r.end_time, r.source_version, r.artifact_uri,
       ${EXPERIMENT(tables)} AS experiment
     FROM runs AS r LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id
     WHERE ${KEPT} ORDER BY r.start_time, r.run_uuid`,
  );
  for (const row of rows) {
    const id = row.run_uuid;
    yield keptRun(row, {
      params: params(id),
      tags: tags(id),
      metrics: metrics(id),
      datasets: datasets(id),
      places,
      pipeline: pipelines.nameOf(row.experiment ?? ''),
    });
  }
}

interface RunParts {
  readonly params: readonly PairRow[];
  readonly tags: readonly PairRow[];
  readonly metrics: readonly StoredPoint[];
  readonly datasets: KeptRun['origin']['datasets'];
  readonly places: Addresses;
  readonly pipeline: string;
}

function keptRun(row: RunRow, parts: RunParts): KeptRun {
  const tags = Object.fromEntries(parts.tags.map(({ key, value }) => [key, value ?? '']));
  const { points, notes, ended } = pointsOf(parts.metrics);
  const startedAt = instantOf(row.start_time ?? row.end_time ?? 0);
  const name = row.name ?? tags['mlflow.runName'];
  const commit = [tags['mlflow.source.git.commit'], row.source_version].find((one) => COMMIT.test(one ?? ''));
  const branch = tags['mlflow.source.git.branch'];
  return {
    origin: {
      system: 'mlflow',
      id: row.run_uuid,
      experiment: row.experiment ?? '',
      status: row.status,
      tags,
      datasets: parts.datasets,
      metrics: notes,
      ended,
      name,
    },
    pipeline: parts.pipeline,
    actor: tags['mlflow.user'] ?? row.user_id ?? 'unknown',
    end: endOf(row, startedAt, parts.metrics),
    startedAt,
    commit: commit ?? undefined,
    branch,
    params: Object.fromEntries(parts.params.map(({ key, value }) => [key, paramOf(value ?? '')])),
    points,
    ...(row.artifact_uri === null ? {} : { artifacts: parts.places.of(row.artifact_uri) }),
    hasArtifacts: tags['mlflow.log-model.history'] !== undefined,
  };
}

/** It is given to git by this name. Any other text stays in the tags. */
const COMMIT = /^[0-9a-f]{40,64}$/;

const END: Readonly<Record<string, 'succeeded' | 'failed' | 'cancelled'>> = {
  FINISHED: 'succeeded',
  FAILED: 'failed',
  KILLED: 'cancelled',
};

/** The end of a run. A server never ends the run of a dead process, so RUNNING runs are `open` with the last sign of life. */
function endOf(
  { status, end_time: ended }: RunRow,
  startedAt: Instant,
  metrics: readonly StoredPoint[],
): KeptRun['end'] {
  const seenAt = instantOf(metrics.reduce<number>((last, { timestamp }) => Math.max(last, timestamp), startedAt));
  const end = END[status];
  return end === undefined
    ? { status: 'open', seenAt }
    : { status: end, at: instantOf(Math.max(ended ?? seenAt, startedAt)) };
}

function datasetsReader(tables: Tables): (run: string) => KeptRun['origin']['datasets'] {
  if (!tables.has('inputs') || !tables.has('datasets')) return () => [];
  return tables.of(
    DATASET_ROW,
    `SELECT d.name, d.digest, d.dataset_source AS source FROM inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id
     WHERE upper(i.destination_type) = 'RUN' AND upper(i.source_type) = 'DATASET' AND i.destination_id = ? ORDER BY d.name, d.digest`,
  );
}
