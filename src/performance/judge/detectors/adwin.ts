import type { Signal } from '../../../domain/data/detector.js';
import type { JsonObject } from '../../../domain/support/json.js';
import { type Detector, numberField } from './detector.js';

/** Number of buckets of one size at which the two oldest are merged into one of the next size. */
const PER_SIZE = 5;
const SLOTS = PER_SIZE + 1;
/** 2^40 items: more than any stream will have. */
const SIZES = 40;

export interface AdwinState {
  /** Items in the window. */
  width: number;
  total: number;
  /** Sum of squared deviations from the window's mean (Welford 1962). */
  squares: number;
  /** Factor by which sums of items vary more than those of independent items; 1 unless set otherwise. */
  inflation: number;
  /** Number of sizes in use. Row r holds buckets of 2^r items. */
  rows: number;
  /** Buckets in each row. */
  readonly counts: Uint8Array;
  /** Sums of the buckets, oldest first within a row. */
  readonly totals: Float64Array;
}

export interface AdwinSettings {
  /** Probability of a false cut at one check. */
  readonly delta: number;
  /** Items between two checks. */
  readonly clock: number;
  /** Fewest items on either side of a cut. */
  readonly minimum: number;
}

const DEFAULTS: AdwinSettings = { delta: 0.002, clock: 32, minimum: 5 };

/**
 * ADWIN, adaptive windowing (Bifet and Gavaldà, 2007) on an exponential histogram. It alarms if at any bucket boundary
 * |mean0 − mean1| > sqrt(2·v·L/h) + 2·L/(3·h), with v the window's variance, L = ln(2·ln(width)/delta) and 1/h = 1/(n0
 * − m + 1) + 1/(n1 − m + 1), m the smallest side. Every boundary is tested, as in MOA; without the newest bucket of
 * every size, a change is found three times later. After an alarm the whole window is dropped. The second term assumes
 * values in 0…1, so others must be scaled. Memory grows with the logarithm of the stream.
 */
export function adwin(given: Partial<AdwinSettings> = {}): Detector<AdwinState> {
  const settings = { ...DEFAULTS, ...given };
  return {
    domain: 'real',
    start,
    update: (state, x): Signal => {
      insert(state, x);
      if (state.width % settings.clock !== 0) return 'stable';
      if (!hasCut(state, settings)) return 'stable';
      restart(state);
      return 'drift';
    },
    save,
    resume,
  };
}

const start = (): AdwinState => ({
  width: 0,
  total: 0,
  squares: 0,
  inflation: 1,
  rows: 1,
  counts: new Uint8Array(SIZES),
  totals: new Float64Array(SIZES * SLOTS),
});

function restart(state: AdwinState): void {
  state.width = 0;
  state.total = 0;
  state.squares = 0;
  state.rows = 1;
  state.counts.fill(0);
}

function insert(state: AdwinState, x: number): void {
  const { counts, totals } = state;
  if (state.width > 0) {
    const deviation = x - state.total / state.width;
    state.squares += (deviation * deviation * state.width) / (state.width + 1);
  }
  state.width += 1;
  state.total += x;
  totals[counts[0] ?? 0] = x;
  counts[0] = (counts[0] ?? 0) + 1;
  for (let row = 0; (counts[row] ?? 0) > PER_SIZE; row++) {
    const at = row * SLOTS;
    const next = at + SLOTS + (counts[row + 1] ?? 0);
    totals[next] = (totals[at] ?? 0) + (totals[at + 1] ?? 0);
    totals.copyWithin(at, at + 2, at + SLOTS);
    counts[row] = PER_SIZE - 1;
    counts[row + 1] = (counts[row + 1] ?? 0) + 1;
    if (row + 2 > state.rows) state.rows = row + 2;
  }
}

function hasCut(state: AdwinState, { delta, minimum }: AdwinSettings): boolean {
  const { counts, totals, width, total } = state;
  const variance = (state.squares / width) * state.inflation;
  const log = Math.log((2 * Math.log(width)) / delta);
  let n0 = 0;
  let sum0 = 0;
  for (let row = state.rows - 1; row >= 0; row--) {
    const size = 2 ** row;
    const count = counts[row] ?? 0;
    for (let i = 0; i < count; i++) {
      n0 += size;
      sum0 += totals[row * SLOTS + i] ?? 0;
      const n1 = width - n0;
      if (n1 < minimum) return false;
      if (n0 < minimum) continue;
      const perItem = 1 / (n0 - minimum + 1) + 1 / (n1 - minimum + 1);
      const beyond = Math.abs(sum0 / n0 - (total - sum0) / n1) - (2 / 3) * perItem * log;
      if (beyond > 0 && beyond * beyond > 2 * perItem * variance * log) return true;
    }
  }
  return false;
}

const save = (state: AdwinState): JsonObject => ({
  width: state.width,
  total: state.total,
  squares: state.squares,
  inflation: state.inflation,
  rows: Array.from({ length: state.rows }, (_, row) =>
    Array.from(state.totals.subarray(row * SLOTS, row * SLOTS + (state.counts[row] ?? 0))),
  ),
});

function resume(saved: JsonObject): AdwinState {
  if (!Array.isArray(saved.rows)) throw new Error('internal error: saved detector state without rows');
  const state = start();
  state.width = numberField(saved, 'width');
  state.total = numberField(saved, 'total');
  state.squares = numberField(saved, 'squares');
  state.inflation = numberField(saved, 'inflation');
  state.rows = saved.rows.length;
  saved.rows.forEach((row: readonly number[], i) => {
    state.counts[i] = row.length;
    state.totals.set(row, i * SLOTS);
  });
  return state;
}
