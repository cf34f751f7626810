import type { Signal } from '../../../domain/data/detector.js';
import type { JsonObject } from '../../../domain/support/json.js';

/** What values a detector can judge: `bit` only 0 and 1, `unit` 0…1, `real` any finite number. */
export type Domain = 'bit' | 'unit' | 'real';

/**
 * A stream detector: a state that `update` changes in place, one item at a time, and that can be saved and resumed at
 * any item; resuming equals one pass. The item that gives `drift` leaves the state as `start` makes it (check clocks
 * too), so the next item is the first of a new stream.
 */
export interface Detector<S> {
  readonly domain: Domain;
  readonly start: () => S;
  /** `x` is finite and of the detector's domain; the caller sees to it. */
  readonly update: (state: S, x: number) => Signal;
  readonly save: (state: S) => JsonObject;
  readonly resume: (saved: JsonObject) => S;
}

/** Saving and resuming for a state of numbers only, none of them infinite. */
export function plainState<S extends Readonly<Record<keyof S, number>>>(
  start: () => S,
): Pick<Detector<S>, 'start' | 'save' | 'resume'> {
  return {
    start,
    save: (state) => ({ ...state }),
    resume: (saved) => {
      const state = start();
      for (const key of Object.keys(state)) numberField(saved, key);
      return { ...state, ...saved };
    },
  };
}

/** A number of a saved state; anything else was not saved by us and is a bug. */
export function numberField(saved: JsonObject, key: string): number {
  const value = saved[key];
  if (typeof value !== 'number') throw new Error(`internal error: saved detector state without ${key}`);
  return value;
}
