import { type Detector, plainState } from './detector.js';

interface HddmAState {
  count: number;
  sum: number;
  /** Number and sum of the items up to the cut point, where mean + radius was smallest. */
  cutCount: number;
  cutSum: number;
}

/**
 * HDDM_A (Frías-Blanco et al., 2015), one-sided upwards, for values in 0…1. The cut point is where the mean plus
 * Hoeffding's radius sqrt(ln(1/a)/(2n)) was smallest. It alarms if the mean of all items exceeds the mean up to the cut
 * c by sqrt(½·(n − c)/(c·n)·ln(2/a)), a = 0.001, and warns with a = 0.005.
 */
export function hddmA({ drift = 0.001, warning = 0.005 } = {}): Detector<HddmAState> {
  const radius = (count: number): number => Math.sqrt(Math.log(1 / drift) / (2 * count));
  const isAbove = (state: HddmAState, confidence: number): boolean => {
    const { count: n, cutCount: c } = state;
    if (c === n) return false;
    return state.sum / n - state.cutSum / c >= Math.sqrt(0.5 * ((n - c) / (c * n)) * Math.log(2 / confidence));
  };
  return {
    ...plainState((): HddmAState => ({ count: 0, sum: 0, cutCount: 0, cutSum: 0 })),
    domain: 'unit',
    update: (state, x) => {
      state.count += 1;
      state.sum += x;
      const reach = state.sum / state.count + radius(state.count);
      if (state.cutCount === 0 || reach <= state.cutSum / state.cutCount + radius(state.cutCount)) {
        state.cutCount = state.count;
        state.cutSum = state.sum;
      }
      if (isAbove(state, drift)) {
        state.count = state.sum = state.cutCount = state.cutSum = 0;
        return 'drift';
      }
      return isAbove(state, warning) ? 'warning' : 'stable';
    },
  };
}
