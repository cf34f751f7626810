import { dirname } from 'node:path';
import type { KeptRun, RunHistory } from '../../domain/ports/run-history.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { addressOf } from './addresses.js';
import { createPlainNamer, type PlainNamer } from './plain-names.js';
import { readModels } from './registered.js';
import { openTables, type PairRow, type Tables } from './tables.js';
import { paramOf, pointsOf, type StoredPoint } from './values.js';

interface RunRow {
  readonly run_uuid: string;
  readonly name: string | null;
  readonly user_id: string | null;
  readonly status: string;
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly source_version: string | null;
  readonly artifact_uri: string | null;
  readonly experiment: string;
}

/** Opens the run history of an MLflow database. Returns a reason if the file is not one. */
export function openHistory(path: string): RunHistory | string {
  const tables = openTables(path);
  if (typeof tables === 'string') return tables;
  const folder = dirname(path);
  const pipelines = createPlainNamer('the experiment');
  // In order of ids, so that the same database always gives the same names.
  for (const { experiment } of tables.all<{ experiment: string }>(EXPERIMENTS(tables))) pipelines.nameOf(experiment);
  const models = readModels(tables, folder);
  return {
    runs: () => runsOf(tables, folder, pipelines),
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
  tables.all<{ n: number }>(
    `SELECT count(*) AS n FROM runs AS r LEFT JOIN experiments AS e ON e.experiment_id = r.experiment_id WHERE NOT (${KEPT})`,
  )[0]?.n ?? 0;

function* runsOf(tables: Tables, folder: string, pipelines: PlainNamer): Iterable<KeptRun> {
  const params = tables.ofRun<PairRow>('params', 'key, value', 'key');
  const tags = tables.ofRun<PairRow>('tags', 'key, value', 'key');
  const metrics = tables.ofRun<StoredPoint>(
    'metrics',
    'key, value, timestamp, step, is_nan',
    'key, step, timestamp, value',
  );
  const datasets = datasetsReader(tables);
  const rows = tables.all<RunRow>(
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
      folder,
      pipeline: pipelines.nameOf(row.experiment ?? ''),
    });
  }
}

interface RunParts {
  readonly params: readonly PairRow[];
  readonly tags: readonly PairRow[];
  readonly metrics: readonly StoredPoint[];
  readonly datasets: KeptRun['origin']['datasets'];
  readonly folder: string;
  readonly pipeline: string;
}

function keptRun(row: RunRow, parts: RunParts): KeptRun {
  const tags = Object.fromEntries(parts.tags.map(({ key, value }) => [key, value ?? '']));
  const { points, notes } = pointsOf(parts.metrics);
  const startedAt = instantOf(row.start_time ?? row.end_time ?? 0);
  const name = row.name ?? tags['mlflow.runName'];
  const commit = tags['mlflow.source.git.commit'] ?? row.source_version ?? undefined;
  const branch = tags['mlflow.source.git.branch'];
  return {
    origin: {
      system: 'mlflow',
      id: row.run_uuid,
      experiment: row.experiment,
      status: row.status,
      tags,
      datasets: parts.datasets,
      metrics: notes,
      name,
    },
    pipeline: parts.pipeline,
    actor: tags['mlflow.user'] ?? row.user_id ?? 'unknown',
    end: endOf(row, startedAt, parts.metrics),
    startedAt,
    ...(commit === undefined || commit === '' ? {} : { commit }),
    branch,
    params: Object.fromEntries(parts.params.map(({ key, value }) => [key, paramOf(value ?? '')])),
    points,
    ...(row.artifact_uri === null ? {} : { artifacts: addressOf(row.artifact_uri, parts.folder) }),
    hasArtifacts: tags['mlflow.log-model.history'] !== undefined,
  };
}

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
  return tables.of<{ name: string; digest: string; source: string }>(
    `SELECT d.name, d.digest, d.dataset_source AS source FROM inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id
     WHERE upper(i.destination_type) = 'RUN' AND upper(i.source_type) = 'DATASET' AND i.destination_id = ? ORDER BY d.name, d.digest`,
  );
}
