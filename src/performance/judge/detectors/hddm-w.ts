import { type Detector, plainState } from './detector.js';

/**
 * Three moving averages and the sums of their squared weights. A weight sum of 0 means that there is no average yet.
 */
interface HddmWState {
  mean: number;
  weight: number;
  cutMean: number;
  cutWeight: number;
  recentMean: number;
  recentWeight: number;
}

/**
 * HDDM_W (Frías-Blanco et al., 2015), one-sided upwards, for values in 0…1. One exponentially weighted mean (lambda
 * 0.05) ends at the cut point, where mean + bound was smallest; another begins there. It alarms if the second exceeds
 * the first by McDiarmid's bound sqrt((w1 + w2)·ln(1/a)/2), with w the sums of squared weights and a = 0.001, and warns
 * with a = 0.005.
 */
export function hddmW({ drift = 0.001, warning = 0.005, lambda = 0.05 } = {}): Detector<HddmWState> {
  const keep = 1 - lambda;
  const bound = (weight: number, confidence: number): number => Math.sqrt((weight * Math.log(1 / confidence)) / 2);
  const isAbove = (state: HddmWState, confidence: number): boolean =>
    state.recentMean - state.cutMean > bound(state.cutWeight + state.recentWeight, confidence);
  return {
    ...plainState((): HddmWState => ({ mean: 0, weight: 0, cutMean: 0, cutWeight: 0, recentMean: 0, recentWeight: 0 })),
    domain: 'unit',
    update: (state, x) => {
      const isFirst = state.weight === 0;
      state.mean = isFirst ? x : lambda * x + keep * state.mean;
      state.weight = isFirst ? 1 : lambda * lambda + keep * keep * state.weight;
      const reach = state.mean + bound(state.weight, drift);
      if (state.cutWeight === 0 || reach < state.cutMean + bound(state.cutWeight, drift)) {
        state.cutMean = state.mean;
        state.cutWeight = state.weight;
        state.recentMean = state.recentWeight = 0;
      } else {
        const isNew = state.recentWeight === 0;
        state.recentMean = isNew ? x : lambda * x + keep * state.recentMean;
        state.recentWeight = isNew ? 1 : lambda * lambda + keep * keep * state.recentWeight;
      }
      if (isAbove(state, drift)) {
        state.mean = state.weight = state.cutMean = state.cutWeight = state.recentMean = state.recentWeight = 0;
        return 'drift';
      }
      return isAbove(state, warning) ? 'warning' : 'stable';
    },
  };
}
