import type { Signal } from '../../../domain/data/detector.js';
import type { JsonObject } from '../../../domain/support/json.js';
import { type AdwinSettings, type AdwinState, adwin } from './adwin.js';
import { type Detector, numberField } from './detector.js';

interface ScaledAdwinState {
  /** 0 until enough items have come. Then x counts as (x − centre)/span. */
  span: number;
  centre: number;
  /** The first items, until centre and span are known. */
  first: number[];
  readonly window: AdwinState;
}

/** Standard deviations that are taken as the range of the values. */
const RANGE_SDS = 6;

/**
 * ADWIN for values of any unit. Its bound assumes a range of 1, so values are measured from the mean of the first 100
 * items in units of six of their standard deviations. A value counts for at most one such unit, so a single wild value
 * is no alarm. Values that begin as 0 and 1 are not scaled. Values that never vary are no evidence: the detector waits
 * until they do.
 */
export function scaledAdwin(settings: Partial<AdwinSettings> & { readonly warmUp?: number } = {}) {
  const inner = adwin(settings);
  const { warmUp = 100 } = settings;
  const take = (state: ScaledAdwinState, x: number): Signal =>
    inner.update(state.window, Math.max(-1, Math.min(1, (x - state.centre) / state.span)));
  const detector: Detector<ScaledAdwinState> = {
    domain: 'real',
    start: () => ({ span: 0, centre: 0, first: [], window: inner.start() }),
    update: (state, x) => {
      if (state.span === 0) return warmUpWith(state, x, warmUp, take);
      const signal = take(state, x);
      if (signal === 'drift') state.span = 0;
      return signal;
    },
    save: (state) => ({
      span: state.span,
      centre: state.centre,
      first: state.first,
      window: inner.save(state.window),
    }),
    resume: (saved) => ({
      span: numberField(saved, 'span'),
      centre: numberField(saved, 'centre'),
      first: [...(saved.first as readonly number[])],
      window: inner.resume(saved.window as JsonObject),
    }),
  };
  return detector;
}

function warmUpWith(
  state: ScaledAdwinState,
  x: number,
  warmUp: number,
  take: (state: ScaledAdwinState, x: number) => Signal,
): Signal {
  state.first.push(x);
  const { first } = state;
  if (first.length < warmUp) return 'stable';
  const isBits = first.every((one) => one === 0 || one === 1);
  const mean = first.reduce((sum, one) => sum + one, 0) / first.length;
  const variance = first.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (first.length - 1);
  if (!isBits && variance === 0) {
    first.shift();
    return 'stable';
  }
  state.centre = isBits ? 0 : mean;
  state.span = isBits ? 1 : RANGE_SDS * Math.sqrt(variance);
  state.first = [];
  for (const one of first)
    if (take(state, one) === 'drift') {
      state.span = 0;
      return 'drift';
    }
  return 'stable';
}
