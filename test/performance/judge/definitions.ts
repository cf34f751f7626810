import type { Signal } from '../../../src/domain/data/detector.js';
import type { Detector } from '../../../src/performance/judge/detectors/detector.js';

/** What a detector says of a whole stream since its start, computed anew from all items. */
export type Definition = (items: readonly number[]) => Signal;

export function signalsOf<S>(detector: Detector<S>, values: readonly number[]): readonly Signal[] {
  const state = detector.start();
  return values.map((x) => detector.update(state, x));
}

export function defined(definition: Definition, values: readonly number[]): readonly Signal[] {
  let since = 0;
  return values.map((_, i) => {
    const signal = definition(values.slice(since, i + 1));
    if (signal === 'drift') since = i + 1;
    return signal;
  });
}

export const total = (items: readonly number[]): number => items.reduce((sum, x) => sum + x, 0);
export const rateOf = (items: readonly number[]): number => total(items) / items.length;
