import type { ModelVersion } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import type { Pair, RunRecord } from './record.js';

/** Context for export documents in the format of mlflow-export-import's bulk tools: `system`, `info`, `mlflow`. */
export interface ExportContext {
  /** Version of refit. */
  readonly version: string;
  readonly user: string;
  readonly at: Instant;
}

const MS = 1000;

const stamp = (epochMs: number): string =>
  toIso(epochMs as Instant)
    .slice(0, 19)
    .replace('T', ' ');

const document = (context: ExportContext, info: JsonObject, mlflow: JsonObject): JsonObject => ({
  system: {
    package_version: `refit ${context.version}`,
    script: 'refit export mlflow',
    export_file_version: '2',
    export_time: Math.floor(context.at / MS),
    _export_time: stamp(context.at),
    user: context.user,
  },
  info,
  mlflow,
});

const dictionary = (pairs: readonly Pair[]): JsonObject =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

export interface ExportedExperiment {
  readonly id: string;
  readonly name: string;
  readonly runs: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * The artifact URI recorded for a run. The import tool searches a version's source for "artifacts" and "models", and takes the
 * latter for a logged model of MLflow 3, so neither word may appear by accident.
 */
const artifactUri = (experiment: string, run: string): string => `refit/${experiment}/${run}/artifacts`;

/** Folder of a version's bytes below the artifacts of its run. `n` is the version's index in the run, from 0. */
export const modelFolder = (n: number): string => (n === 0 ? 'model' : `model-${n + 1}`);

export function runDocument(
  context: ExportContext,
  record: RunRecord,
  { id, experiment }: { readonly id: string; readonly experiment: string },
): JsonObject {
  const metrics = new Map<string, JsonObject[]>();
  for (const { key, value, timestamp, step } of record.metrics) {
    const point = { value, timestamp, step };
    const known = metrics.get(key);
    if (known === undefined) metrics.set(key, [point]);
    else known.push(point);
  }
  return document(
    context,
    {},
    {
      info: {
        run_uuid: id,
        run_id: id,
        run_name: record.name,
        experiment_id: experiment,
        user_id: record.user,
        status: record.status,
        start_time: record.startTime,
        end_time: record.endTime,
        lifecycle_stage: 'active',
        artifact_uri: artifactUri(experiment, id),
        _start_time: stamp(record.startTime),
        _end_time: stamp(record.endTime),
      },
      params: dictionary(record.params),
      metrics: Object.fromEntries(metrics),
      tags: dictionary(record.tags),
      inputs: { dataset_inputs: record.inputs },
    },
  );
}

export const experimentDocument = (context: ExportContext, one: ExportedExperiment): JsonObject =>
  document(
    context,
    { num_total_runs: one.runs.length, num_ok_runs: one.runs.length, num_failed_runs: 0, failed_runs: [] },
    {
      experiment: {
        experiment_id: one.id,
        name: one.name,
        artifact_location: `refit/${one.id}`,
        lifecycle_stage: 'active',
        tags: { 'refit.pipeline': one.name },
        creation_time: one.createdAt,
        last_update_time: one.updatedAt,
        _creation_time: stamp(one.createdAt),
        _last_update_time: stamp(one.updatedAt),
      },
      runs: [...one.runs],
    },
  );

export function experimentsDocument(context: ExportContext, all: readonly ExportedExperiment[]): JsonObject {
  const runs = all.reduce((sum, one) => sum + one.runs.length, 0);
  return document(
    context,
    { experiments: all.length, total_runs: runs, ok_runs: runs, failed_runs: 0 },
    { experiments: all.map(({ id, name, runs: own }) => ({ id, name, ok_runs: own.length, failed_runs: 0 })) },
  );
}

export interface ExportedVersion {
  readonly version: ModelVersion;
  readonly experiment: { readonly id: string; readonly name: string };
  readonly run: string;
  readonly folder: string;
  readonly aliases: readonly string[];
  readonly description?: string;
}

/** Versions must be in order, because a server numbers them from 1. */
export function modelDocument(context: ExportContext, name: string, versions: readonly ExportedVersion[]): JsonObject {
  const times = versions.map(({ version }) => version.registeredAt);
  const [created, updated] = [Math.min(...times), Math.max(...times)];
  return document(
    context,
    {
      num_target_stages: 0,
      num_target_versions: 0,
      num_src_versions: versions.length,
      num_dst_versions: versions.length,
    },
    {
      registered_model: {
        name,
        creation_timestamp: created,
        last_updated_timestamp: updated,
        _creation_timestamp: stamp(created),
        _last_updated_timestamp: stamp(updated),
        tags: [{ key: 'refit.model', value: name }],
        aliases: versions.flatMap(({ version, aliases }) =>
          aliases.map((alias) => ({ alias, version: String(version.version) })),
        ),
        versions: versions.map((one) => versionEntry(name, one)),
      },
    },
  );
}

const versionEntry = (
  name: string,
  { version, experiment, run, folder, aliases, description }: ExportedVersion,
): JsonObject => ({
  name,
  version: String(version.version),
  creation_timestamp: version.registeredAt,
  last_updated_timestamp: version.registeredAt,
  _creation_timestamp: stamp(version.registeredAt),
  _last_updated_timestamp: stamp(version.registeredAt),
  current_stage: 'None',
  status: 'READY',
  user_id: '',
  run_id: run,
  source: `${artifactUri(experiment.id, run)}/${folder}`,
  description,
  tags: dictionary(modelVersionTags(version)),
  aliases: [...aliases],
  _run_artifact_uri: artifactUri(experiment.id, run),
  _experiment_name: experiment.name,
});

/** Tags that identify a version on a server, and its bytes. */
export const modelVersionTags = (version: ModelVersion): readonly Pair[] => [
  { key: 'refit.run', value: version.run },
  { key: 'refit.version', value: String(version.version) },
  { key: 'refit.sha256', value: version.hash },
];

export const modelsDocument = (context: ExportContext, names: readonly string[]): JsonObject =>
  document(
    context,
    { num_total_models: names.length, num_ok_models: names.length, num_failed_models: 0, failed_models: [] },
    { models: [...names] },
  );

export const manifestDocument = (context: ExportContext, info: JsonObject): JsonObject => document(context, info, {});
