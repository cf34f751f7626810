import { type Detector, plainState } from './detector.js';

interface DdmState {
  count: number;
  errors: number;
  /** p + s of the best moment so far, and its two parts; none before the warm-up is over. */
  hasBest: number;
  bestRate: number;
  bestSpread: number;
}

/**
 * DDM, drift detection method (Gama et al., 2004), for errors of 0 and 1: with p the error rate since the start and
 * s = sqrt(p(1 − p)/n), a warning when p + s > p_min + 2·s_min and an alarm when p + s > p_min + 3·s_min, p_min and
 * s_min being those of the smallest p + s so far; nothing in the first 30 items.
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
