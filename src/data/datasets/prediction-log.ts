import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { PredictionLog, PredictionSources } from '../../domain/ports/prediction-log.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import type { When } from '../../domain/when.js';
import { datasetTable } from '../windows/window.js';
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
    namedBy: 'monitor',
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
  { now, isNowGiven }: When,
): Promise<Result<PredictionSources['labels'], Failure>> {
  const { labels, predictions } = pipeline.monitor ?? {};
  if (labels === undefined) return ok(undefined);
  const { label } = labels;
  const key = labels.key ?? predictions?.key ?? '';
  const dated = pipeline.datasets.find(({ name, time }) => name === labels.dataset && time !== undefined);
  if (isNowGiven && dated !== undefined) {
    const known = await knownLabels(services, dated, { key, label, now });
    if (!known.ok || known.value !== undefined) return known;
  }
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
  const identity = await identityOf(services, query.value.sql, query.value.files);
  return ok({ from: 'query', sql: query.value.sql, identity, key, label });
}

/**
 * Labels of a dataset with times, without those that had not come at `now`. `undefined` where all of them had: then only
 * additions to its files need to be read.
 */
async function knownLabels(
  services: Services,
  dataset: Dataset,
  { key, label, now }: { readonly key: string; readonly label: string; readonly now: Instant },
): Promise<Result<PredictionSources['labels'], Failure>> {
  const files = await listFiles(services, dataset);
  if (files.length === 0) return ok(undefined);
  const whole = await datasetTable(services, dataset, {});
  if (!whole.ok) return whole;
  const range = await services.datasets.timeRange(whole.value);
  if (!range.ok) return range;
  if (range.value === undefined || range.value.to < now) return ok(undefined);
  // As text, like those of the predictions: a key may begin with zeros.
  const types = new Map([key, label].map((name) => [name, { type: 'text' }] as const));
  const relation = await services.datasets.relation({ ...whole.value, until: now, types });
  if (!relation.ok) return relation;
  const sql = `SELECT * FROM ${relation.value.sql}`;
  return ok({ from: 'query', sql, identity: await identityOf(services, sql, files), key, label });
}

/** Changes with the text and with the content of the files that it reads. */
async function identityOf(
  { artifacts }: Pick<Services, 'artifacts'>,
  sql: string,
  files: readonly WorkspacePath[],
): Promise<string> {
  const hashes = await artifacts.hash(files);
  return createHash('sha256')
    .update(JSON.stringify([sql, ...[...hashes].map(([path, one]) => [path, one.hash])]))
    .digest('hex');
}
