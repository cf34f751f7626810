import { type Detector, plainState } from './detector.js';

interface EddmState {
  count: number;
  errors: number;
  /** Position of the last error. */
  last: number;
  mean: number;
  squares: number;
  /** Largest mean + 2·sd so far. */
  largest: number;
  /** 1 if the last error gave a warning, because nothing is judged between errors. */
  isWarned: number;
}

/**
 * EDDM, early drift detection method (Baena-García et al., 2006), for errors of 0 and 1: the ratio of (mean gap between
 * errors + 2 sample sd) to its largest value so far, which is kept from the 30th item on. It warns below `warning` and
 * alarms below `drift`, after 30 errors. The authors' 0.95 and 0.90 are very noisy (several false alarms in 20,000
 * stable bits); the defaults are 0.80 and 0.75.
 */
export function eddm({ warmUp = 30, warning = 0.8, drift = 0.75 } = {}): Detector<EddmState> {
  return {
    ...plainState((): EddmState => ({ count: 0, errors: 0, last: 0, mean: 0, squares: 0, largest: 0, isWarned: 0 })),
    domain: 'bit',
    update: (state, x) => {
      state.count += 1;
      if (x === 0) return state.isWarned === 1 ? 'warning' : 'stable';
      state.isWarned = 0;
      state.errors += 1;
      const gap = state.count - state.last;
      state.last = state.count;
      const before = state.mean;
      state.mean += (gap - before) / state.errors;
      state.squares += (gap - state.mean) * (gap - before);
      const reach = state.mean + 2 * Math.sqrt(state.squares / Math.max(1, state.errors - 1));
      if (state.count < warmUp) return 'stable';
      if (reach > state.largest) state.largest = reach;
      const ratio = reach / state.largest;
      if (state.errors <= warmUp || ratio >= warning) return 'stable';
      if (ratio >= drift) {
        state.isWarned = 1;
        return 'warning';
      }
      state.count = state.errors = state.last = state.mean = state.squares = state.largest = 0;
      return 'drift';
    },
  };
}
