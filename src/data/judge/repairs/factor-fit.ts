import type { Quantiles } from '../../../statistics/distribution.js';

/** A factor between two columns, with its confidence interval. */
export interface FactorFit {
  readonly factor: number;
  readonly lower: number;
  readonly upper: number;
}

/** Ranks outside these are left out, because the ends of a distribution vary most. */
const [FROM, UNTIL] = [0.1, 0.9];
/** Standard errors on either side: 99 %. */
const ERRORS = 2.58;
/** The trimmed mean of a normal sample has a variance larger than the mean's by this factor. */
const TRIMMED_VARIANCE = 1.06;
const LEAST_VALUES = 8;

/**
 * The factor by which a column has grown: the difference of the trimmed means of the logarithms, with its 99 % interval
 * for this many rows. Zeros have no logarithm and are left out; signs are ignored. `undefined` for too few values.
 */
export function fitFactor(
  reference: Quantiles,
  current: Quantiles,
  rows: { readonly reference: number; readonly current: number },
): FactorFit | undefined {
  const [was, is] = [logarithms(reference), logarithms(current)];
  if (was.length < LEAST_VALUES || is.length < LEAST_VALUES) return undefined;
  const n = (rows.reference * was.length) / reference.length;
  const m = (rows.current * is.length) / current.length;
  const center = trimmedMean(is) - trimmedMean(was);
  const error = Math.sqrt(TRIMMED_VARIANCE * (spread(was) ** 2 / n + spread(is) ** 2 / m));
  return {
    factor: Math.exp(center),
    lower: Math.exp(center - ERRORS * error),
    upper: Math.exp(center + ERRORS * error),
  };
}

/** Whether the fit allows a factor. `tolerance`: what other changes of the column may add, as a logarithm. */
export const allows = ({ lower, upper }: FactorFit, factor: number, tolerance: number): boolean =>
  Math.log(Math.abs(factor)) >= Math.log(lower) - tolerance &&
  Math.log(Math.abs(factor)) <= Math.log(upper) + tolerance;

/** Width of the interval as a logarithm: 0.1 is ±5 %. */
export const widthOf = ({ lower, upper }: FactorFit): number => Math.log(upper / lower);

const logarithms = (values: Quantiles): readonly number[] =>
  values
    .map((value) => Math.log(Math.abs(value)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);

function trimmedMean(sorted: readonly number[]): number {
  const kept = sorted.slice(Math.floor(FROM * sorted.length), Math.ceil(UNTIL * sorted.length));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** Standard deviation, estimated from the middle 68 %. */
const spread = (sorted: readonly number[]): number =>
  ((sorted[Math.floor(0.84 * (sorted.length - 1))] ?? 0) - (sorted[Math.floor(0.16 * (sorted.length - 1))] ?? 0)) / 2;
