import type { ColumnChecks, Dataset, DatasetSource } from '../domain/pipeline.js';
import type { BuildContext } from './context.js';
import { duration } from './context.js';
import { notYet, refuseNotYet } from './not-yet.js';
import { checkedPath } from './paths.js';
import type { RawDataset } from './schema.js';
import type { YamlPath } from './source.js';

export function buildDataset(name: string, raw: RawDataset, context: BuildContext): Dataset {
  const path: YamlPath = ['datasets', name];
  const freshnessMs = duration(raw.checks?.freshness);
  if (raw.checks?.schema !== undefined) refuseNotYet(notYet.schemaFile, [...path, 'checks', 'schema'], context);
  return {
    name,
    source: buildSource(raw.path, [...path, 'path'], context),
    isMade: false,
    ...(raw.time === undefined ? {} : { time: raw.time }),
    checks: {
      ...(freshnessMs === undefined ? {} : { freshnessMs }),
      columns: Object.fromEntries(
        Object.entries(raw.checks?.columns ?? {}).map(([column, checks]) => [column, buildColumn(checks)]),
      ),
      rules: raw.checks?.rules ?? [],
    },
    at: context.report.position(path),
  };
}

function buildSource(raw: RawDataset['path'], path: YamlPath, context: BuildContext): DatasetSource {
  if (typeof raw === 'object' && !Array.isArray(raw)) {
    refuseNotYet(notYet.query, path, context);
    return { kind: 'query', sql: [] };
  }
  const patterns = typeof raw === 'string' ? [raw] : raw;
  return { kind: 'paths', patterns: patterns.map((pattern) => checkedPath(pattern, path, context.report)) };
}

type RawColumn = NonNullable<NonNullable<RawDataset['checks']>['columns']>[string];

function buildColumn(raw: RawColumn): ColumnChecks {
  return {
    ...(raw.type === undefined ? {} : { type: raw.type }),
    ...(raw.min === undefined ? {} : { min: raw.min }),
    ...(raw.max === undefined ? {} : { max: raw.max }),
    ...(raw.values === undefined ? {} : { values: raw.values }),
    ...(raw.required === undefined ? {} : { required: raw.required }),
    ...(raw.max_missing === undefined ? {} : { maxMissing: raw.max_missing }),
    ...(raw.unique === undefined ? {} : { unique: raw.unique }),
    ...(raw.outliers === undefined
      ? {}
      : { outliers: { method: raw.outliers.method ?? 'mad', action: raw.outliers.action ?? 'flag' } }),
  };
}
