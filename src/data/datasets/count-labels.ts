import type { Failure } from '../../domain/failure.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { instantOf } from '../../domain/support/time.js';
import type { When } from '../../domain/when.js';
import { datasetTable } from '../windows/window.js';
import { querySource } from './query-dataset.js';

/** Labels that were known at `now`: of rows older than the delay, with a value. `undefined` where none are monitored. */
export async function countLabels(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<number | undefined, Failure>> {
  const labels = pipeline.monitor?.labels;
  const from = labels === undefined ? undefined : labelSource(pipeline);
  if (labels === undefined || from === undefined) return ok(undefined);
  const table = await datasetTable(services, from, { until: instantOf(when.now - labels.delayMs) });
  if (!table.ok) return table.error.code === 'data-empty' ? ok(0) : table;
  const columns = await services.datasets.columns(table.value);
  if (!columns.ok) return columns;
  if (!columns.value.some((name) => name.toLowerCase() === labels.label.toLowerCase()))
    return err({
      code: 'not-found',
      what: 'column of the labels',
      name: labels.label,
      available: columns.value,
      namedBy: 'monitor.labels.label',
      next: 'monitor.labels.label names a column of the labels',
    });
  const relation = await services.datasets.relation(table.value);
  if (!relation.ok) return relation;
  const known: TableSource = {
    from: {
      kind: 'query',
      sql: `SELECT 1 AS known FROM ${relation.value.sql} WHERE "${labels.label.replaceAll('"', '""')}" IS NOT NULL`,
      name: 'monitor.labels',
    },
  };
  return services.datasets.countRows(known);
}

/** Files, a query, or without either a column of the logged predictions, else of the monitored dataset itself. */
function labelSource(pipeline: Pipeline): Dataset | undefined {
  const { labels, current, predictions } = pipeline.monitor ?? {};
  if (labels === undefined) return undefined;
  const base = {
    name: 'monitor.labels',
    isMade: false,
    checks: { columns: {}, unique: [], rules: [], otherColumns: 'allow' as const },
    at: pipeline.monitor?.at ?? { file: pipeline.file, line: 1, col: 1, endCol: 1 },
  };
  if (labels.dataset !== undefined) return pipeline.datasets.find((one) => one.name === labels.dataset);
  if (labels.path !== undefined) return { ...base, source: { kind: 'paths', patterns: [labels.path] } };
  if (labels.query === undefined && predictions?.dataset !== undefined)
    return pipeline.datasets.find((one) => one.name === predictions.dataset);
  if (labels.query === undefined && predictions?.path !== undefined)
    return { ...base, source: { kind: 'paths', patterns: [predictions.path] } };
  if (labels.query === undefined) return pipeline.datasets.find((one) => one.name === current?.dataset);
  return { ...base, source: { kind: 'query', sql: querySource(pipeline, labels.query) } };
}
