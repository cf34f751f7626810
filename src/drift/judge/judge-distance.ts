import type { FeatureDrift } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import { total } from '../../statistics/distribution.js';
import type { ColumnCells } from './cells.js';
import type { Measured, Method } from './distance-methods.js';
import { isTwoValued, movedRate } from './effects/value-rates.js';
import { historyOf } from './order/history.js';
import { type Wander, wanderLimit } from './order/wander.js';

export interface Judged {
  readonly isDrift: boolean;
  /** Whether even a window without anything in common with the reference would not exceed the limit. */
  readonly isBlind: boolean;
  /** Whether the reference's history raised the limit above that of independent rows. */
  readonly isHistory: boolean;
  readonly figures: Pick<FeatureDrift, 'score' | 'threshold' | 'pValue' | 'unscaled'>;
  /** Variance of a share divided by that of independent rows, according to the history. */
  readonly inflation: () => number;
}

interface Asked {
  readonly reference: ColumnProfile;
  readonly cells: ColumnCells;
  readonly method: Method;
  readonly alpha: number;
}

/** The column's distance and its limits. `undefined` if the method finds too few rows in each cell. */
export function judgeDistance(asked: Asked): Judged | undefined {
  const measured = asked.method.measure(asked.cells, asked.alpha);
  if (measured === undefined) return undefined;
  const wander = remembered(() => wanderOf(asked, measured));
  const least = leastOf(asked.cells, measured);
  const bare = Math.max(least, measured.limit);
  // The history matters only above the other limits: a smaller distance is stable in any case.
  const isAbove = measured.score > bare;
  const { limit, pValue } = isAbove ? wander() : measured;
  const threshold = Math.max(least, limit);
  const isDrift = measured.score > threshold;
  const isHistory = isAbove && threshold > bare;
  return {
    isDrift,
    isBlind:
      !isDrift && (isHistory ? isBeyondAll(asked, threshold) : bare >= (asked.method.most ?? Number.POSITIVE_INFINITY)),
    isHistory,
    figures: { score: measured.score, threshold, pValue: Math.min(1, pValue), unscaled: measured.unscaled },
    inflation: () => wander().inflation,
  };
}

/** A rate of two values also counts by its ratio: from 2 to 8 rows in a hundred is a small distance. */
function leastOf(cells: ColumnCells, { least, limit }: Measured): number {
  return isTwoValued(cells) && movedRate(cells, 1) !== undefined ? Math.min(least, limit) : least;
}

function wanderOf({ reference, cells, method, alpha }: Asked, measured: Measured): Wander {
  const history = historyOf(reference, cells.kind);
  return history === undefined
    ? { limit: measured.limit, pValue: measured.pValue, inflation: 1 }
    : wanderLimit({ history, cells, method, measured, alpha });
}

/** Whether a window with all of its rows where the reference has none would still not exceed the threshold. */
function isBeyondAll({ cells, method, alpha }: Asked, threshold: number): boolean {
  const last = cells.reference.length - 1;
  const rows = total(cells.current);
  const strange = { ...cells, current: cells.current.map((_, i) => (i === last ? rows : 0)) };
  const score = method.measure(strange, alpha)?.score;
  return score === undefined || score <= threshold;
}

function remembered<T>(make: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: make() };
    return known.value;
  };
}
