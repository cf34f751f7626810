import type { ExportedModelVersion, ExportedPipeline, RunExport } from '../../domain/ports/run-export.js';
import type { Run } from '../../domain/runs/run.js';
import { runUuid } from '../run-uuid.js';
import {
  type ExportContext,
  type ExportedExperiment,
  type ExportedVersion,
  experimentDocument,
  experimentsDocument,
  manifestDocument,
  modelDocument,
  modelFolder,
  modelsDocument,
  runDocument,
} from './layout.js';
import { type RecordOptions, toRecord } from './record.js';

/** An MLflow run id has 32 hex digits. A run imported from MLflow keeps its original id. */
const runIdOf = ({ id, startedAt, environment }: Pick<Run, 'id' | 'startedAt' | 'environment'>): string =>
  environment.origin?.id ?? runUuid(id, startedAt).replaceAll('-', '');

/** Writes the folder format that `import-all` and `import-models` of mlflow-export-import read. */
export const createRunExport =
  (version: string, options: Omit<RecordOptions, 'paramLength'>) =>
  ({ user, at }: Omit<ExportContext, 'version'>): RunExport => {
    const context: ExportContext = { version, user, at };
    const runFolder = (run: Pick<Run, 'id' | 'startedAt' | 'environment'>, pipeline: string): string =>
      `experiments/${pipeline}/runs/${runIdOf(run)}`;
    return {
      runFile: (facts, { id }) => {
        const record = toRecord(facts, options);
        const document = runDocument(context, record, { id: runIdOf(facts.run), experiment: id });
        return { file: { path: `${runFolder(facts.run, id)}/run.json`, document }, notes: record.notes };
      },
      modelFolder: ({ run, pipeline, place }) => `${runFolder(run, pipeline.id)}/artifacts/${modelFolder(place)}`,
      listFiles: (pipelines, models) => {
        const experiments = pipelines.map(toExperiment);
        return [
          ...experiments.map((one) => ({
            path: `experiments/${one.id}/experiment.json`,
            document: experimentDocument(context, one),
          })),
          { path: 'experiments/experiments.json', document: experimentsDocument(context, experiments) },
          ...[...models].map(([name, versions]) => ({
            path: `models/${name}/model.json`,
            document: modelDocument(context, name, versions.map(toVersion)),
          })),
          { path: 'models/models.json', document: modelsDocument(context, [...models.keys()]) },
          {
            path: 'manifest.json',
            document: manifestDocument(context, { experiments: experiments.length, models: models.size }),
          },
        ];
      },
    };
  };

const toExperiment = ({ id, name, runs }: ExportedPipeline): ExportedExperiment => {
  const times = runs.map((run) => run.startedAt as number);
  const createdAt = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const updatedAt = times.reduce((most, time) => Math.max(most, time), createdAt);
  return { id, name, runs: runs.map(runIdOf), createdAt, updatedAt };
};

const toVersion = ({ version, run, pipeline, place, aliases, description }: ExportedModelVersion): ExportedVersion => ({
  version,
  experiment: pipeline,
  run: runIdOf(run),
  folder: modelFolder(place),
  aliases,
  description,
});
