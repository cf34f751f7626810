import { createHash } from 'node:crypto';
import type { Exclusion } from '../../domain/data/dataset.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { RunId } from '../../domain/ids.js';
import type { OutlierPolicy } from '../../domain/pipeline/data-checks.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { referenceRun } from '../../models/champion.js';
import { type Bounds, outlierBounds } from '../judge/outliers/bounds.js';
import { isTooMany, shareOutside } from '../judge/outliers/too-many.js';
import { presentRows } from '../judge/past.js';
import { datasetReference } from '../windows/reference-profile.js';
import { forestReference, plantForest } from '../windows/row-forest.js';
import { datasetTable } from '../windows/window.js';

interface Wanted {
  readonly when: When;
  readonly policies: readonly { readonly column: string; readonly policy: OutlierPolicy }[];
  readonly setsRowsAside: boolean;
}

/** The dataset without the outliers of these columns, and without rows unlike the others if it sets rows aside. */
export async function setRowsAside(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  { when, policies, setsRowsAside }: Wanted,
): Promise<Result<Dataset, Failure>> {
  const source = await datasetTable(services, dataset, when.isNowGiven ? { until: when.now } : {});
  // Whether the dataset is there at all is said where it is read.
  if (!source.ok) return ok(dataset);
  const profile = await services.datasets.profile(source.value);
  if (!profile.ok) return profile;
  const run = referenceRun(services, pipeline, when)?.run;
  const reference = run === undefined ? undefined : datasetReference(services, run, dataset.name);
  const rows: Exclusion[] = [];
  for (const { column, policy } of policies) {
    const bounds = boundsOf(column, policy, { profile: profile.value, reference });
    const excluded = bounds === undefined ? ok(undefined) : await exclude(services, source.value, { column, bounds });
    if (!excluded.ok) return excluded;
    if (excluded.value !== undefined) rows.push(excluded.value);
  }
  if (setsRowsAside) {
    const table = { source: source.value, profile: profile.value, run };
    const excluded = await excludeUnlike(services, pipeline, dataset, table);
    if (!excluded.ok) return excluded;
    if (excluded.value !== undefined) rows.push(excluded.value);
  }
  return ok(rows.length === 0 ? dataset : { ...dataset, excluded: [...(dataset.excluded ?? []), ...rows] });
}

/** As `check-data` judges them: by the champion's values, and not at all where too many lie outside. */
function boundsOf(
  name: string,
  policy: OutlierPolicy,
  { profile, reference }: { readonly profile: TableProfile; readonly reference: TableProfile | undefined },
): Bounds | undefined {
  const column = profile.columns.find((one) => one.name === name);
  if (column?.numeric === undefined) return undefined;
  const usual = reference?.columns.find((one) => one.name === name)?.numeric ?? column.numeric;
  const bounds = outlierBounds(usual.quantiles, policy);
  if (bounds === undefined) return undefined;
  return isTooMany(shareOutside(column.numeric, bounds), presentRows(column), policy) ? undefined : bounds;
}

/**
 * The rows below and above the bounds. Their numbers identify them, for given data: bounds that another champion has
 * moved a little change no fingerprint as long as they set the same rows aside.
 */
async function exclude(
  services: Pick<Services, 'datasets'>,
  table: TableSource,
  { column, bounds }: { readonly column: string; readonly bounds: Bounds },
): Promise<Result<Exclusion | undefined, Failure>> {
  const { lower, upper } = bounds;
  const counts: number[] = [];
  for (const rows of [undefined, { lower }, { upper }]) {
    const without: readonly Exclusion[] = rows === undefined ? [] : [{ rows: { kind: 'outside', column, ...rows } }];
    const counted = await services.datasets.countRows({ ...table, without: [...(table.without ?? []), ...without] });
    if (!counted.ok) return counted;
    counts.push(counted.value);
  }
  const [all = 0, notBelow = 0, notAbove = 0] = counts;
  if (notBelow === all && notAbove === all) return ok(undefined);
  return ok({
    rows: { kind: 'outside', column, lower, upper },
    label: `outliers of ${column}: ${all - notBelow} rows below and ${all - notAbove} above the usual values`,
  });
}

/**
 * The rows that the isolation forest calls unlike the others, by their values: any row with the same values is as unlike.
 * A hash of the values identifies them in the fingerprint.
 */
async function excludeUnlike(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  { source, profile, run }: { readonly source: TableSource; readonly profile: TableProfile; readonly run?: RunId },
): Promise<Result<Exclusion | undefined, Failure>> {
  const referenceRows = run === undefined ? undefined : await forestReference(services, pipeline, run, dataset);
  const ignore = pipeline.monitor?.ignore ?? [];
  const planted = await plantForest(services, { source, profile, ignore, referenceRows }, dataset.checks);
  if (!planted.ok || planted.value === undefined) return planted.ok ? ok(undefined) : planted;
  const { columns, isOutlier } = planted.value.work;
  const unlike = new Map<string, readonly (number | null)[]>();
  const checked = await services.datasets.check(source, {
    conditions: [],
    shown: source,
    rowOutliers: {
      columns,
      isOutlier: (row) => {
        const isUnlike = isOutlier(row);
        if (isUnlike) unlike.set(row.map(String).join(), row);
        return isUnlike;
      },
    },
  });
  if (!checked.ok) return checked;
  const keys = [...unlike.keys()].sort();
  if (keys.length === 0) return ok(undefined);
  const hash = createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 8);
  return ok({
    rows: { kind: 'values', columns, rows: keys.flatMap((key) => [unlike.get(key) ?? []]) },
    label: `rows unlike the others in ${columns.join(', ')}: ${checked.value.rowOutliers ?? 0}, ${hash}`,
  });
}
