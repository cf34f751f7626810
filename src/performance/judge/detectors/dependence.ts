import type { JsonObject } from '../../../domain/support/json.js';
import { numberField } from './detector.js';

/** Means of blocks of 2^k items. */
interface Level {
  /** First half of the block that is not complete. */
  pending: number | null;
  previous: number | null;
  /** Squared differences between neighbouring blocks, the newest last. */
  readonly squares: number[];
}

export interface DependenceState {
  count: number;
  mean: number;
  /** Sum of squared deviations from the mean. */
  second: number;
  /** Factor, at least 1, by which sums of items vary more than those of independent items. */
  inflation: number;
  /** Item at which the inflation is computed next. */
  next: number;
  readonly levels: Level[];
}

/** Blocks of up to 4,096 items. */
const LEVELS = 13;
const [FEWEST, MOST] = [16, 32];
/** A smaller inflation may be chance: the mean of 14 squares has a standard deviation of about a third. */
const SIGNIFICANT = 2.5;
/** Share of the largest squares that is left out, because they may span a change of level. */
const TRIMMED = 1 / 8;
/** Mean of chi-square with one degree of freedom below its 7/8 quantile. */
const TRIMMED_MEAN = 0.5686;

/**
 * Measures how far items depend on those before them. For blocks of 2^k independent items, 2^k times the variance
 * between block means is the variance of the items. For dependent items it is larger, up to the long-run variance. The
 * variance is computed from the differences of neighbouring blocks (von Neumann 1941) without the largest ones, so that
 * the few changes of level do not count. A median would be wrong for errors of 0 and 1, whose differences have few
 * values.
 */
export const startDependence = (): DependenceState => ({
  count: 0,
  mean: 0,
  second: 0,
  inflation: 1,
  next: 2 * FEWEST,
  levels: [],
});

/** Adds an item to the state, in place. */
export function addItem(state: DependenceState, x: number): void {
  state.count += 1;
  const deviation = x - state.mean;
  state.mean += deviation / state.count;
  state.second += deviation * (x - state.mean);
  addBlock(state, 0, x);
  if (state.count < state.next) return;
  state.next = state.count + Math.max(2 * FEWEST, state.count >> 3);
  state.inflation = inflationOf(state);
}

function addBlock(state: DependenceState, depth: number, mean: number): void {
  if (depth === LEVELS) return;
  state.levels[depth] ??= { pending: null, previous: null, squares: [] };
  const level = state.levels[depth];
  if (level.previous !== null) level.squares.push((mean - level.previous) ** 2);
  if (level.squares.length > MOST) level.squares.shift();
  level.previous = mean;
  if (level.pending === null) level.pending = mean;
  else {
    const whole = (level.pending + mean) / 2;
    level.pending = null;
    addBlock(state, depth + 1, whole);
  }
}

function inflationOf({ levels, second, count }: DependenceState): number {
  const variance = second / count;
  if (variance === 0) return 1;
  const ratios = levels.map(({ squares }, depth) =>
    squares.length < FEWEST ? 0 : (2 ** depth * trimmedMean(squares)) / (2 * TRIMMED_MEAN * variance),
  );
  const greatest = Math.max(...ratios);
  return greatest < SIGNIFICANT ? 1 : greatest;
}

function trimmedMean(values: readonly number[]): number {
  const kept = [...values].sort((a, b) => a - b).slice(0, Math.ceil((1 - TRIMMED) * values.length));
  return kept.reduce((sum, one) => sum + one, 0) / kept.length;
}

/** The state as JSON, for `resumeDependence`. */
export const saveDependence = ({ levels, ...numbers }: DependenceState): JsonObject => ({
  ...numbers,
  levels: levels.map(({ pending, previous, squares }) => ({ pending, previous, squares: [...squares] })),
});

/** The state that was saved. Anything else is a bug. */
export function resumeDependence(saved: JsonObject): DependenceState {
  if (!Array.isArray(saved.levels)) throw new Error('internal error: saved detector state without levels');
  return {
    count: numberField(saved, 'count'),
    mean: numberField(saved, 'mean'),
    second: numberField(saved, 'second'),
    inflation: numberField(saved, 'inflation'),
    next: numberField(saved, 'next'),
    levels: (saved.levels as readonly Level[]).map((one) => ({ ...one, squares: [...one.squares] })),
  };
}
