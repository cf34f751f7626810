import type { ColumnTrace } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { Instant } from '../../domain/support/time.js';
import { total } from '../../statistics/distribution.js';
import { cleanDistance } from './noise-free-distance.js';

export interface SeenColumn {
  /** End of the window. */
  readonly at: Instant;
  readonly column: ColumnProfile;
}

/** Fewer stored windows are no history. */
const LEAST_WINDOWS = 4;
/** A path this many times longer than the distance between its ends oscillates. */
const OSCILLATION = 2;

/**
 * How a column moved from window to window, oldest first (Webb et al. 2016): the distance between the first and the
 * last window, the length of the path, and the cut into before and after. `undefined` for fewer than five windows,
 * including the current one.
 */
export function traceColumn(seen: readonly SeenColumn[]): ColumnTrace | undefined {
  if (seen.length <= LEAST_WINDOWS) return undefined;
  const distances = seen.map((one) => seen.map((other) => cleanDistance(one.column, other.column)));
  const between = (i: number, j: number): number => distances[i]?.[j] ?? 0;
  const magnitude = between(0, seen.length - 1);
  const pathLength = total(seen.slice(1).map((_, i) => between(i, i + 1)));
  return {
    magnitude,
    pathLength,
    movement: pathLength >= OSCILLATION * magnitude ? 'oscillation' : 'trend',
    since: seen[bestCut(seen.length, between) - 1]?.at,
  };
}

/**
 * The first window after the change: the cut whose sides differ most from each other and least within themselves
 * (energy statistic, Matteson and James 2014). 0 if no cut separates them.
 */
function bestCut(windows: number, between: (i: number, j: number) => number): number {
  const indices = Array.from({ length: windows }, (_, i) => i);
  const mean = (rows: readonly number[], columns: readonly number[]): number =>
    total(rows.flatMap((i) => columns.map((j) => between(i, j)))) / (rows.length * columns.length);
  let best = { gain: 0, cut: 0 };
  for (let cut = 1; cut < windows; cut++) {
    const [before, after] = [indices.slice(0, cut), indices.slice(cut)];
    const weight = before.length * after.length;
    const gain = weight * (2 * mean(before, after) - mean(before, before) - mean(after, after));
    if (gain > best.gain + 1e-12) best = { gain, cut };
  }
  return best.cut;
}
