import type { Signal } from '../../../domain/data/detector.js';
import type { JsonObject } from '../../../domain/support/json.js';

/** The values that a detector can judge: `bit` only 0 and 1, `unit` 0…1, `real` any finite number. */
export type Domain = 'bit' | 'unit' | 'real';

/**
 * A stream detector. `update` changes its state in place, one item at a time. The state can be saved and resumed at any
 * item, with the same result as one pass. After the item that gives `drift` the state is as `start` makes it, including
 * check clocks, so the next item is the first of a new stream.
 */
export interface Detector<S> {
  readonly domain: Domain;
  readonly start: () => S;
  /** `x` must be finite and in the detector's domain. The caller ensures that. */
  readonly update: (state: S, x: number) => Signal;
  readonly save: (state: S) => JsonObject;
  readonly resume: (saved: JsonObject) => S;
}

/** Saves and resumes a state of finite numbers only. */
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

/** A number of a saved state. Anything else was not saved by refit and is a bug. */
export function numberField(saved: JsonObject, key: string): number {
  const value = saved[key];
  if (typeof value !== 'number') throw new Error(`internal error: saved detector state without ${key}`);
  return value;
}
