import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { PredictionLog, PredictionSources } from '../../domain/ports/prediction-log.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { listFiles } from './dataset-files.js';
import { composeQuery, querySource } from './query-dataset.js';

/** The lines that a pipeline without them is shown. */
const LINES = `monitor:
  predictions: { path: "logs/*.jsonl", time: at, key: id, prediction: score }
  labels: { path: "labels/*.csv", key: id, label: label, delay: 1d }`;

/** The section that a pipeline without logged predictions needs. */
export const missingPredictions = ({ file, monitor }: Pick<Pipeline, 'file' | 'monitor'>): Failure | undefined =>
  monitor?.predictions !== undefined
    ? undefined
    : {
        code: 'section-missing',
        pipeline: file,
        section: 'monitor.predictions',
        command: 'check-performance',
        lines: LINES,
      };

/** Opens the pipeline's log of predictions, brought up to date; `undefined` where nothing was logged yet. */
export async function openPipelineLog(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<PredictionLog | undefined, Failure>> {
  const { monitor } = pipeline;
  const missing = missingPredictions(pipeline);
  if (missing !== undefined) return err(missing);
  if (monitor?.predictions === undefined) throw new Error('internal error: a log without predictions');
  const { path: _, dataset: __, ...names } = monitor.predictions;
  const paths = await absoluteFiles(services, pipeline, monitor.predictions);
  if (paths.length === 0) return ok(undefined);
  const labels = await labelSource(services, pipeline, when);
  if (!labels.ok) return labels;
  const segments = monitor.segments;
  const sources: PredictionSources = {
    predictions: { ...names, paths },
    segments,
    labels: labels.value,
  };
  if (!services.isRecording) return services.datasets.openPredictionLog(sources);
  const folder = '.refit/cache/performance';
  await services.files.makeFolder(folder);
  return services.datasets.openPredictionLog(sources, services.files.absolute(`${folder}/${pipeline.name}.duckdb`));
}

/** The files of logged rows: those of a path, or of a dataset, such as the snapshots of a table. */
async function absoluteFiles(
  services: Services,
  { datasets }: Pipeline,
  { path, dataset }: { readonly path?: string; readonly dataset?: string },
): Promise<readonly string[]> {
  const patterns = path === undefined ? [] : [path];
  const named = datasets.find(({ name }) => name === dataset);
  const files = await listFiles(services, named ?? asDataset('predictions', { kind: 'paths', patterns }));
  return files.map((file) => services.files.absolute(file));
}

const asDataset = (name: string, source: Dataset['source']): Dataset => ({
  name,
  source,
  isMade: false,
  checks: { columns: {}, unique: [], rules: [], otherColumns: 'allow' },
  at: { file: '', line: 1, col: 1, endCol: 1 },
});

async function labelSource(
  services: Services,
  pipeline: Pipeline,
  { now }: When,
): Promise<Result<PredictionSources['labels'], Failure>> {
  const { labels, predictions } = pipeline.monitor ?? {};
  if (labels === undefined) return ok(undefined);
  const { label } = labels;
  const key = labels.key ?? predictions?.key ?? '';
  if (labels.path !== undefined || labels.dataset !== undefined) {
    const paths = await absoluteFiles(services, pipeline, labels);
    return ok({ from: 'files', paths, key, label });
  }
  if (labels.query === undefined) return ok({ from: 'predictions', label });
  const query = await composeQuery(
    services,
    asDataset('labels', { kind: 'query', sql: querySource(pipeline, labels.query) }),
    now,
  );
  if (!query.ok) return query.error.code === 'data-empty' ? ok({ from: 'files', paths: [], key, label }) : query;
  const hashes = await services.artifacts.hash(query.value.files);
  const identity = createHash('sha256')
    .update(JSON.stringify([query.value.sql, ...[...hashes].map(([path, one]) => [path, one.hash])]))
    .digest('hex');
  return ok({ from: 'query', sql: query.value.sql, identity, key, label });
}
