/**
 * −ln of the probability that a prediction gave to an outcome of 0 or 1, in nats. Of an outcome that is itself a probability, the
 * expected value. Predictions are kept 1e-15 away from 0 and 1, so that a single certain miss is not infinite.
 */
export function logLossOf(outcome: number, predicted: number): number {
  const p = Math.min(1 - 1e-15, Math.max(1e-15, predicted));
  return -(outcome * Math.log(p) + (1 - outcome) * Math.log(1 - p));
}
