import { coarseEdges, type Quantiles, quantileDistance, total } from '../../statistics/distribution.js';
import { type Fault, unclear } from './fault.js';
import { percent } from './finding.js';
import { type ColumnPast, isFrozen, isSurprising, ksLimit, presentRows } from './past.js';

/** A column with a smaller share of negative values may have none for a while … */
const LEAST_NEGATIVE = 0.05;
/** … unless each part of the reference had at least this share. */
const LEAST_EVERYWHERE = 0.01;
/** Number of parts that the reference is cut into. */
const PARTS = 8;

/**
 * A column that always had negative values has none, and its values are the former ones without their sign. If the
 * former non-negative values look the same, the rows with negative values may just have stopped coming.
 */
export function signLost(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  const [was, is] = [before.numeric, now.numeric];
  if (was === undefined || is === undefined || is.negatives > 0 || isFrozen(column)) return undefined;
  const whole = Math.min(
    ...[before, ...past].map((one) => (one.numeric?.negatives ?? 0) / Math.max(1, presentRows(one))),
  );
  const usual = whole >= LEAST_NEGATIVE ? whole : Math.min(whole, leastOfParts(before));
  const rows = presentRows(now);
  if (usual < LEAST_EVERYWHERE || !isSurprising(rows, rows, 1 - usual)) return undefined;
  const unsigned = was.quantiles.map(Math.abs).sort((a, b) => a - b);
  const isFitting = (values: Quantiles, count: number): boolean =>
    values.length > 0 && quantileDistance(values, is.quantiles) <= ksLimit(count, rows);
  if (!isFitting(unsigned, presentRows(before))) return undefined;
  const fault: Fault = {
    code: 'sign-lost',
    severity: 'error',
    detail: `no value is negative, ${percent(usual)} or more always were; without its sign the reference looks the same`,
    likelyCause: 'a sign dropped on the way',
    repair: 'deliver the values with their sign',
    rows,
    evidence: { before: usual, after: 0 },
  };
  const others = was.quantiles.filter((one) => one >= 0);
  const isWorld = isFitting(others, presentRows(before) * (1 - usual));
  return isWorld ? unclear(fault, 'rows with negative values no longer come') : fault;
}

/**
 * The least share of negative values that any part of the reference had; 0 where its rows have no known order. Spans count
 * rows in cells, so only cells that lie below zero as a whole are counted.
 */
function leastOfParts({ numeric, history }: ColumnPast['before']): number {
  if (numeric === undefined || history === undefined || history.length < PARTS) return 0;
  const below = coarseEdges(numeric.quantiles).filter((edge) => edge < 0).length;
  const length = Math.ceil(history.length / PARTS);
  const shares = Array.from({ length: Math.ceil(history.length / length) }, (_, i) => {
    const spans = history.slice(i * length, (i + 1) * length);
    return total(spans.map((span) => total(span.slice(0, below)))) / Math.max(1, total(spans.map(total)));
  });
  return Math.min(...shares);
}
