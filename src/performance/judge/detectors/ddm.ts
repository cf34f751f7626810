import { type Detector, plainState } from './detector.js';

interface DdmState {
  count: number;
  errors: number;
  /** The smallest p + s so far and its two parts. Not set during the warm-up. */
  hasBest: number;
  bestRate: number;
  bestSpread: number;
}

/**
 * DDM, drift detection method (Gama et al., 2004), for errors of 0 and 1. With p the error rate since the start and s =
 * sqrt(p(1 − p)/n), it warns if p + s > p_min + 2·s_min and alarms if p + s > p_min + 3·s_min, where p_min and s_min
 * belong to the smallest p + s so far. No result in the first 30 items.
 */
export function ddm({ warmUp = 30, warning = 2, drift = 3 } = {}): Detector<DdmState> {
  return {
    ...plainState((): DdmState => ({ count: 0, errors: 0, hasBest: 0, bestRate: 0, bestSpread: 0 })),
    domain: 'bit',
    update: (state, x) => {
      state.count += 1;
      state.errors += x;
      if (state.count < warmUp) return 'stable';
      const rate = state.errors / state.count;
      const spread = Math.sqrt((rate * (1 - rate)) / state.count);
      if (state.hasBest === 0 || rate + spread <= state.bestRate + state.bestSpread) {
        state.hasBest = 1;
        state.bestRate = rate;
        state.bestSpread = spread;
      }
      if (rate + spread > state.bestRate + drift * state.bestSpread) {
        state.count = state.errors = state.hasBest = state.bestRate = state.bestSpread = 0;
        return 'drift';
      }
      return rate + spread > state.bestRate + warning * state.bestSpread ? 'warning' : 'stable';
    },
  };
}
