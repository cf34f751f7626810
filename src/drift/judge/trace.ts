import type { ColumnTrace } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { Instant } from '../../domain/support/time.js';
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
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || seen.length <= LEAST_WINDOWS) return undefined;
  const magnitude = cleanDistance(first.column, last.column);
  const pathLength = seen.slice(1).reduce((sum, one, i) => sum + cleanDistance((seen[i] ?? one).column, one.column), 0);
  const since = lastBefore(seen);
  return {
    magnitude,
    pathLength,
    movement: pathLength >= OSCILLATION * magnitude ? 'oscillation' : 'trend',
    since,
  };
}

/**
 * End of the last window before the change: the cut whose sides differ most from each other and least within themselves
 * (energy statistic, Matteson and James 2014). `undefined` if no cut separates them.
 */
function lastBefore(seen: readonly SeenColumn[]): Instant | undefined {
  const distances = seen.map((one) => seen.map((other) => cleanDistance(one.column, other.column)));
  const mean = (rows: readonly number[], columns: readonly number[]): number => {
    const sum = rows.reduce((all, i) => all + columns.reduce((part, j) => part + (distances[i]?.[j] ?? 0), 0), 0);
    return sum / (rows.length * columns.length);
  };
  const indices = seen.map((_, i) => i);
  let best = { gain: 0, cut: 0 };
  for (let cut = 1; cut < seen.length; cut++) {
    const [before, after] = [indices.slice(0, cut), indices.slice(cut)];
    const weight = before.length * after.length;
    const gain = weight * (2 * mean(before, after) - mean(before, before) - mean(after, after));
    if (gain > best.gain + 1e-12) best = { gain, cut };
  }
  return best.cut === 0 ? undefined : seen[best.cut - 1]?.at;
}
