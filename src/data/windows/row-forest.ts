import type { RowOutliers } from '../../domain/data/finding.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { RunId } from '../../domain/ids.js';
import type { DataChecks } from '../../domain/pipeline/data-checks.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { TableCheck, TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { referenceHash } from '../../models/champion.js';
import { FOREST_THRESHOLD, growForest } from '../judge/outliers/isolation-forest.js';
import { artifactTable } from './window.js';

/** Rows that a forest is grown from: each tree takes a few of them. */
const FOREST_ROWS = 20_000;

interface Planted {
  readonly work: NonNullable<TableCheck['rowOutliers']>;
  readonly report: Omit<RowOutliers, 'count'>;
}

/** An isolation forest of the reference's rows, where they have the columns, else of the table's own. */
export async function plantForest(
  services: Pick<Services, 'datasets'>,
  table: {
    readonly source: TableSource;
    readonly profile: TableProfile;
    readonly ignore: readonly string[];
    readonly referenceRows?: TableSource;
  },
  checks: Pick<DataChecks, 'rowOutliers'>,
): Promise<Result<Planted | undefined, Failure>> {
  const policy = checks.rowOutliers;
  const numbers = table.profile.columns.filter((one) => one.numeric !== undefined).map((one) => one.name);
  const columns = (policy !== undefined && policy.columns.length > 0 ? policy.columns : numbers).filter(
    (name) => numbers.includes(name) && !table.ignore.includes(name),
  );
  if (policy === undefined || columns.length === 0) return ok(undefined);
  for (const source of [...(table.referenceRows === undefined ? [] : [table.referenceRows]), table.source]) {
    const sample = await services.datasets.sample(source, columns, FOREST_ROWS);
    if (!sample.ok) return sample;
    const read = columns.flatMap((column) => sample.value.get(column) ?? []).length;
    const values = columns.map((column) => sample.value.get(column));
    if (read === 0 || values.some((one) => one === undefined)) continue;
    const rows = (values[0] ?? []).map((_, i) => values.map((column) => numberOrNull(column?.[i])));
    const forest = growForest(rows);
    if (forest === undefined) continue;
    const threshold = policy.threshold ?? FOREST_THRESHOLD;
    const isSetAside = policy.action !== 'flag';
    return ok({
      work: {
        columns,
        isOutlier: (row) => forest.score(row) > threshold,
        ...(isSetAside ? { reason: `row: unlike the others (isolation forest, score above ${threshold})` } : {}),
      },
      report: { method: 'isolation-forest', columns, threshold, action: policy.action },
    });
  }
  return ok(undefined);
}

const numberOrNull = (value: number | string | null | undefined): number | null =>
  typeof value === 'number' ? value : null;

/** The champion's own copy of the monitored rows, from which its forest is grown if it has the columns. */
export async function forestReference(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  dataset: Dataset,
): Promise<TableSource | undefined> {
  if (dataset.checks.rowOutliers === undefined || pipeline.monitor?.current?.dataset !== dataset.name) return undefined;
  const hash = referenceHash(services, pipeline, run);
  const table = hash === undefined ? undefined : await artifactTable(services, hash);
  return table?.ok ? table.value : undefined;
}
