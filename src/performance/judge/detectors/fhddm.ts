import type { JsonObject } from '../../../domain/support/json.js';
import { type Detector, numberField } from './detector.js';

interface FhddmState {
  count: number;
  /** Correct predictions in the window. */
  correct: number;
  best: number;
  /** The window as a ring buffer: 1 for a correct prediction. */
  readonly ring: Uint8Array;
}

/**
 * FHDDM, fast Hoeffding drift detection (Pesaranghader and Viktor, 2016), for errors of 0 and 1. It alarms if the share
 * of correct predictions among the last 100 is below its best so far by sqrt(ln(1/delta)/(2·100)) (0.263 at delta
 * 1e-6).
 */
export function fhddm({ window = 100, delta = 1e-6 } = {}): Detector<FhddmState> {
  // Counts instead of shares, so that nothing is rounded.
  const limit = window * Math.sqrt(Math.log(1 / delta) / (2 * window));
  const start = (): FhddmState => ({ count: 0, correct: 0, best: 0, ring: new Uint8Array(window) });
  return {
    domain: 'bit',
    start,
    update: (state, x) => {
      const at = state.count % window;
      const isCorrect = x === 0 ? 1 : 0;
      state.correct += isCorrect - (state.count < window ? 0 : (state.ring[at] ?? 0));
      state.ring[at] = isCorrect;
      state.count += 1;
      // While the window fills, every correct item is a new best, so there is no alarm.
      if (state.correct > state.best) state.best = state.correct;
      if (state.best - state.correct <= limit) return 'stable';
      state.count = state.correct = state.best = 0;
      return 'drift';
    },
    save: (state): JsonObject => ({
      count: state.count,
      correct: state.correct,
      best: state.best,
      ring: Array.from(state.ring),
    }),
    resume: (saved) => {
      if (!Array.isArray(saved.ring)) throw new Error('internal error: saved detector state without ring');
      return {
        count: numberField(saved, 'count'),
        correct: numberField(saved, 'correct'),
        best: numberField(saved, 'best'),
        ring: Uint8Array.from(saved.ring),
      };
    },
  };
}
