import { type Estimate, meanAndVariance, meanEstimate, normalEstimate } from '../../../statistics/estimate.js';
import { logLossOf } from '../../../statistics/log-loss.js';

const FROM_0: readonly [number, number] = [0, Number.POSITIVE_INFINITY];

const rowLosses = (
  label: Float64Array,
  prediction: Float64Array,
  loss: (y: number, p: number) => number,
): Float64Array => label.map((y, i) => loss(y, prediction[i] ?? 0));

/** Mean −ln of the probability of what happened, in nats. Probabilities are kept 1e-15 away from 0 and 1. */
export const logLoss = (label: Float64Array, score: Float64Array): Estimate =>
  meanEstimate(rowLosses(label, score, logLossOf), FROM_0);

/** Mean squared difference between probability and outcome (Brier 1950). */
export const brier = (label: Float64Array, score: Float64Array): Estimate =>
  meanEstimate(
    rowLosses(label, score, (y, p) => (y - p) ** 2),
    [0, 1],
  );

/** Mean absolute error, in the label's unit. */
export const mae = (label: Float64Array, prediction: Float64Array): Estimate =>
  meanEstimate(
    rowLosses(label, prediction, (y, p) => Math.abs(y - p)),
    FROM_0,
  );

/** Root of the mean squared error, in the label's unit; standard error by the delta method. */
export function rmse(label: Float64Array, prediction: Float64Array): Estimate {
  const squares = rowLosses(label, prediction, (y, p) => (y - p) ** 2);
  const { mean, variance } = meanAndVariance(squares);
  const value = Math.sqrt(mean);
  const standardError = value === 0 ? 0 : Math.sqrt(variance / squares.length) / (2 * value);
  return normalEstimate(value, standardError, squares.length, FROM_0);
}

/** Mean |error| as a share of |label|, over the rows whose label is not 0. `undefined` without such rows. */
export function mape(label: Float64Array, prediction: Float64Array): Estimate | undefined {
  const shares = rowLosses(label, prediction, (y, p) => Math.abs((y - p) / y)).filter((_, i) => label[i] !== 0);
  return shares.length === 0 ? undefined : meanEstimate(shares, FROM_0);
}

/** Pinball loss of a predicted quantile (Koenker and Bassett 1978), in the label's unit. */
export const pinball = (label: Float64Array, prediction: Float64Array, quantile = 0.5): Estimate =>
  meanEstimate(
    rowLosses(label, prediction, (y, p) => (y >= p ? quantile * (y - p) : (1 - quantile) * (p - y))),
    FROM_0,
  );
