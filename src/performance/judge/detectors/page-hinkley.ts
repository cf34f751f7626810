import { type Detector, plainState } from './detector.js';

interface PageHinkleyState {
  count: number;
  mean: number;
  sum: number;
}

export interface PageHinkleySettings {
  readonly warmUp: number;
  /** Change of the mean that does not matter, in the unit of the values. */
  readonly delta: number;
  /** Alarm limit, in the unit of the values. It depends on their scale. */
  readonly lambda: number;
  /** Share of the sum that is kept from item to item. */
  readonly alpha: number;
}

const DEFAULTS: PageHinkleySettings = { warmUp: 30, delta: 0.005, lambda: 50, alpha: 0.9999 };

/**
 * Page–Hinkley, one-sided upwards (Page 1954, Hinkley 1971): S = max(0, alpha·S + x − mean − delta) with the running
 * mean, which includes the item itself. It alarms if S > lambda after the warm-up. Lambda must fit the unit of the
 * values; if nobody has chosen one, use the standardised form.
 */
export function pageHinkley(given: Partial<PageHinkleySettings> = {}): Detector<PageHinkleyState> {
  const { warmUp, delta, lambda, alpha } = { ...DEFAULTS, ...given };
  return {
    ...plainState(() => ({ count: 0, mean: 0, sum: 0 })),
    domain: 'real',
    update: (state, x) => {
      state.count += 1;
      state.mean += (x - state.mean) / state.count;
      state.sum = Math.max(0, alpha * state.sum + (x - state.mean - delta));
      if (state.count < warmUp || state.sum <= lambda) return 'stable';
      state.count = state.mean = state.sum = 0;
      return 'drift';
    },
  };
}
