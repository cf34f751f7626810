import { type FeatureDrift, hasMoved } from '../../domain/data/drift.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { DAY_MS, type Instant, instantOf, toIso } from '../../domain/support/time.js';

/** 52 whole weeks, so that a Monday is compared with a Monday. */
export const YEAR_MS = 364 * DAY_MS;
/** After this many years the weeks do not match any more. */
const MOST_YEARS = 5;

export interface Season {
  readonly since: Instant;
  readonly until: Instant;
  readonly years: number;
  /** Whether the reference has these rows itself. Otherwise they are the dataset's own, and are added to it. */
  readonly isOfReference?: boolean;
}

/** The weeks of the window in the latest earlier year of which all rows are known. */
export function seasonOf(
  known: Pick<NonNullable<TableProfile['time']>, 'from' | 'to'> | undefined,
  now: TableProfile['time'],
): Season | undefined {
  if (known === undefined || now === undefined) return undefined;
  for (let years = 1; years <= MOST_YEARS; years++) {
    const [from, to] = [now.from - years * YEAR_MS, now.to - years * YEAR_MS];
    if (from >= known.from && to <= known.to) return { since: instantOf(from), until: instantOf(to + 1), years };
  }
  return undefined;
}

/** The season's profile as a reference. Its rows were counted in the reference's cells, as the window's are. */
export const asReference = (reference: TableProfile, season: TableProfile): TableProfile => ({
  ...season,
  columns: season.columns.map((column) =>
    inCells(
      column,
      reference.columns.find((one) => one.name === column.name),
    ),
  ),
});

function inCells({ counted, ...column }: ColumnProfile, reference: ColumnProfile | undefined): ColumnProfile {
  if (column.numeric === undefined || counted === undefined || reference?.numeric === undefined) return column;
  return { ...column, numeric: { ...column.numeric, quantiles: reference.numeric.quantiles, counts: counted } };
}

/**
 * A drift from the whole reference, but not from the same weeks in it, is a season. Those weeks must have enough rows
 * to show a change of that size.
 */
export function judgeInSeason(feature: FeatureDrift, then: FeatureDrift | undefined, season: Season): FeatureDrift {
  if (!hasMoved(feature) || then?.verdict !== 'stable') return feature;
  const [score, threshold] = [feature.score ?? 0, then.threshold ?? Number.POSITIVE_INFINITY];
  if (threshold >= score) return feature;
  const [since, until] = [season.since, instantOf(season.until - 1)].map((at) => toIso(at).slice(0, 10));
  const when = season.years === 1 ? 'a year' : `${season.years} years`;
  return {
    ...then,
    role: feature.role,
    season: { since: season.since, until: season.until },
    detail: `it is ${Number(score.toPrecision(3))} from the whole reference (${feature.method}), and as in the same weeks ${when} before, ${since} to ${until}${season.isOfReference ? '' : ', which count as part of it'}`,
  };
}
