import type { ColumnChecks, DataChecks, RowOutlierPolicy } from '../../../domain/pipeline/data-checks.js';
import type { Reporter } from '../collect-diagnostics.js';
import { duration } from '../context.js';
import type { RawSchema } from '../schema/data.js';
import type { YamlPath } from '../source/yaml-source.js';

/** The checks of a schema file or a dataset. */
export function buildChecks(raw: RawSchema, path: YamlPath, report: Reporter): DataChecks {
  const freshnessMs = duration(raw.freshness);
  for (const [i, rule] of (raw.rules ?? []).entries())
    report.sql([...path, 'rules', i], { kind: 'expression', text: rule });
  for (const [column, checks] of Object.entries(raw.columns ?? {}))
    checkColumn(checks, [...path, 'columns', column], report);
  requireOrder(raw.rows, [...path, 'rows'], report);
  return {
    freshnessMs,
    rows: raw.rows === undefined ? undefined : withoutAbsent(raw.rows),
    columns: Object.fromEntries(Object.entries(raw.columns ?? {}).map(([name, one]) => [name, buildColumn(one)])),
    unique: (raw.unique ?? []).map((group) => (typeof group === 'string' ? [group] : group)),
    rules: raw.rules ?? [],
    otherColumns: raw.other_columns ?? 'allow',
    rowOutliers: raw.outliers === undefined ? undefined : buildRowOutliers(raw.outliers),
  };
}

type RawColumn = NonNullable<RawSchema['columns']>[string];

function checkColumn(raw: RawColumn, path: YamlPath, report: Reporter): void {
  requireOrder(raw, path, report);
  const isText = raw.type !== undefined && raw.type !== 'number' && raw.type !== 'integer';
  for (const key of ['min', 'max', 'outliers'] as const)
    if (isText && raw[key] !== undefined)
      report.at([...path, key], {
        code: 'wrong-value',
        message: `"${key}" is for numbers, and this column must be ${raw.type}`,
        suggestion: 'remove it, or list the allowed values in "values"',
      });
}

function requireOrder(
  range: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined,
  path: YamlPath,
  report: Reporter,
): void {
  if (range?.min === undefined || range.max === undefined || range.min <= range.max) return;
  report.at([...path, 'max'], {
    code: 'wrong-value',
    message: `the largest value, ${range.max}, lies below the least, ${range.min}`,
    suggestion: 'swap them',
  });
}

const withoutAbsent = ({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }) => ({
  min,
  max,
});

function buildColumn(raw: RawColumn): ColumnChecks {
  return {
    ...withoutAbsent(raw),
    type: raw.type,
    values: raw.values,
    required: raw.required,
    maxMissing: raw.max_missing,
    unique: raw.unique,
    optional: raw.optional,
    outliers: raw.outliers === undefined ? undefined : buildOutliers(raw.outliers),
  };
}

const buildOutliers = (raw: NonNullable<RawColumn['outliers']>): NonNullable<ColumnChecks['outliers']> => ({
  method: raw.method ?? 'mad',
  action: raw.action ?? 'flag',
  limit: raw.limit,
  maxShare: raw.max_share,
});

const buildRowOutliers = (raw: NonNullable<RawSchema['outliers']>): RowOutlierPolicy => ({
  columns: raw.columns ?? [],
  action: raw.action ?? 'flag',
  threshold: raw.threshold,
});
