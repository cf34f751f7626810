import { type Quantiles, quantileDistance } from '../../statistics/distribution.js';
import { type Fault, unclear } from './fault.js';
import { percent } from './finding.js';
import { type ColumnPast, isFrozen, isSurprising, ksLimit, presentRows } from './past.js';

/** A column with a smaller share of negative values may have none for a while. */
const LEAST_NEGATIVE = 0.05;

/**
 * A column that always had negative values has none, and its values are the former ones without their sign. If the
 * former non-negative values look the same, the rows with negative values may just have stopped coming.
 */
export function signLost(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  const [was, is] = [before.numeric, now.numeric];
  if (was === undefined || is === undefined || is.negatives > 0 || isFrozen(column)) return undefined;
  const usual = Math.min(
    ...[before, ...past].map((one) => (one.numeric?.negatives ?? 0) / Math.max(1, presentRows(one))),
  );
  const rows = presentRows(now);
  if (usual < LEAST_NEGATIVE || !isSurprising(rows, rows, 1 - usual)) return undefined;
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
