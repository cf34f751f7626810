import { alarmLimit } from './alarm-limit.js';
import { type Detector, plainState } from './detector.js';

interface StandardisedState {
  count: number;
  mean: number;
  /** Sums of second, third and fourth powers of the deviations from the mean. */
  second: number;
  third: number;
  fourth: number;
  up: number;
  down: number;
  upLimit: number;
  downLimit: number;
  /** Item at which the limits are computed next, from the values seen by then. */
  nextLimits: number;
  /** Factor by which sums of items vary more than those of independent items; 1 unless set otherwise. */
  inflation: number;
}

export interface StandardisedSettings {
  readonly warmUp: number;
  /** Change, in standard deviations, that does not matter. Twice this change is found fastest. */
  readonly delta: number;
  /** Mean number of items between false alarms of both sides together. */
  readonly itemsBetweenFalseAlarms: number;
}

const DEFAULTS: StandardisedSettings = { warmUp: 30, delta: 0.125, itemsBetweenFalseAlarms: 1_000_000 };

/**
 * Page–Hinkley on both sides (Page 1954), without units. The sums run over recursive residuals z = (x −
 * mean)/(sd·sqrt(1 + 1/n)), with mean and sd of the n items before (Brown, Durbin and Evans 1975), so that the
 * imprecise mean of the first items does not accumulate. Lambda is computed from the mean time between false alarms and
 * from the values' skewness and kurtosis. A residual counts for at most a fifth of lambda, so a single wild value is no
 * alarm. Values that never vary are no evidence: the detector waits until they do.
 */
export function pageHinkleyStandardised(given: Partial<StandardisedSettings> = {}): Detector<StandardisedState> {
  const { warmUp, delta, itemsBetweenFalseAlarms } = { ...DEFAULTS, ...given };
  const start = (): StandardisedState => ({
    count: 0,
    mean: 0,
    second: 0,
    third: 0,
    fourth: 0,
    up: 0,
    down: 0,
    upLimit: 0,
    downLimit: 0,
    nextLimits: warmUp,
    inflation: 1,
  });
  const deriveLimits = (state: StandardisedState): void => {
    const variance = state.second / state.count;
    const skewness = state.third / state.count / variance ** 1.5;
    const excess = state.fourth / state.count / variance ** 2 - 3;
    // Each side alone may alarm half as often.
    state.upLimit = alarmLimit(2 * itemsBetweenFalseAlarms, delta, { skewness, excess });
    state.downLimit = alarmLimit(2 * itemsBetweenFalseAlarms, delta, { skewness: -skewness, excess });
    state.nextLimits = state.count + Math.max(warmUp, state.count >> 3);
  };
  return {
    ...plainState(start),
    domain: 'real',
    update: (state, x) => {
      const n = state.count;
      if (n >= warmUp && state.second > 0) {
        if (n >= state.nextLimits) deriveLimits(state);
        const sd = Math.sqrt((state.second / (n - 1)) * (1 + 1 / n));
        const z = (x - state.mean) / (sd * Math.sqrt(state.inflation));
        state.up = Math.max(0, state.up + Math.min(z, state.upLimit / 5) - delta);
        state.down = Math.max(0, state.down + Math.min(-z, state.downLimit / 5) - delta);
        if (state.up > state.upLimit || state.down > state.downLimit) {
          Object.assign(state, start());
          return 'drift';
        }
      }
      addMoments(state, x);
      return 'stable';
    },
  };
}

/** Central moments in one pass (Pébay 2008). */
function addMoments(state: StandardisedState, x: number): void {
  const n = state.count + 1;
  const d = x - state.mean;
  const dn = d / n;
  const dn2 = dn * dn;
  const term = d * dn * state.count;
  state.count = n;
  state.mean += dn;
  state.fourth += term * dn2 * (n * n - 3 * n + 3) + 6 * dn2 * state.second - 4 * dn * state.third;
  state.third += term * dn * (n - 2) - 3 * dn * state.second;
  state.second += term;
}
