import type { Finding } from '../../domain/data/finding.js';
import type { Failure } from '../../domain/failure.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { freshnessCheck } from '../judge/declared-checks.js';
import { makeFinding } from '../judge/finding.js';
import { datasetTable } from './window.js';

/** The finding of a dataset whose newest row at `now` is older than its `freshness`. */
export async function findStaleFeed(
  services: Services,
  dataset: Dataset,
  when: When,
): Promise<Result<Finding | undefined, Failure>> {
  if (dataset.time === undefined || dataset.checks.freshnessMs === undefined) return ok(undefined);
  const table = await datasetTable(services, withAllRows(dataset), { until: when.now });
  if (!table.ok) return table.error.code === 'data-empty' ? ok(undefined) : table;
  const range = await services.datasets.timeRange(table.value);
  return range.ok ? ok(freshnessCheck(dataset, range.value?.to, when.now)) : range;
}

/** Also the rows that answers and events keep out: they have come. */
function withAllRows(dataset: Dataset): Dataset {
  const { source } = dataset;
  const all = { ...dataset, excluded: [] };
  if (source.kind === 'paths') return all;
  return {
    ...all,
    source: { ...source, sql: source.sql.map((part) => (typeof part === 'string' ? part : withAllRows(part))) },
  };
}

/** A stopped feed explains an empty window: one finding, not two. */
export const withStaleFeed = (stale: Finding | undefined, found: readonly Finding[]): readonly Finding[] =>
  stale === undefined ? found : [stale, ...found.filter((one) => one.code !== 'empty')];

/** The finding of a dataset of which nothing exists. */
export const emptyDataset = (dataset: string, detail: string): Finding =>
  makeFinding({ dataset, code: 'empty', severity: 'error', detail, evidence: {} });
