import { type Estimate, normalEstimate, shareEstimate } from '../../../statistics/estimate.js';

type Counts = { readonly hits: number; readonly falseAlarms: number; readonly misses: number; readonly rows: number };

/** A row with at least this score is called positive. */
const THRESHOLD = 0.5;

function countDecisions(label: Float64Array, score: Float64Array): Counts {
  let [hits, falseAlarms, misses] = [0, 0, 0];
  for (let i = 0; i < label.length; i++) {
    const isCalled = (score[i] ?? 0) >= THRESHOLD;
    if (isCalled && label[i] === 1) hits++;
    else if (isCalled) falseAlarms++;
    else if (label[i] === 1) misses++;
  }
  return { hits, falseAlarms, misses, rows: label.length };
}

/** Share of rows that are classified correctly at 0.5. */
export function accuracy(label: Float64Array, score: Float64Array): Estimate {
  const { falseAlarms, misses, rows } = countDecisions(label, score);
  return shareEstimate(rows - falseAlarms - misses, rows, rows);
}

/** Share of positive labels among the rows called positive. `undefined` if no row is. */
export function precision(label: Float64Array, score: Float64Array): Estimate | undefined {
  const { hits, falseAlarms, rows } = countDecisions(label, score);
  return hits + falseAlarms === 0 ? undefined : shareEstimate(hits, hits + falseAlarms, rows);
}

/** Share of the positive rows that are called positive. `undefined` without positive rows. */
export function recall(label: Float64Array, score: Float64Array): Estimate | undefined {
  const { hits, misses, rows } = countDecisions(label, score);
  return hits + misses === 0 ? undefined : shareEstimate(hits, hits + misses, rows);
}

/**
 * F1 = 2·hits/(2·hits + false alarms + misses), with its standard error by the delta method: F1 = 2s/(1 + s) for the
 * binomial share s = hits/(hits + false alarms + misses). `undefined` if no row is positive or called positive.
 */
export function f1(label: Float64Array, score: Float64Array): Estimate | undefined {
  const { hits, falseAlarms, misses, rows } = countDecisions(label, score);
  const concerned = hits + falseAlarms + misses;
  if (concerned === 0) return undefined;
  const share = shareEstimate(hits, concerned, rows);
  return normalEstimate(
    (2 * share.value) / (1 + share.value),
    (2 * share.standardError) / (1 + share.value) ** 2,
    rows,
    [0, 1],
  );
}
