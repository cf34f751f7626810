import { quantileDistance } from '../../statistics/distribution.js';
import { identifier, number } from './finding.js';
import { bestPart } from './mixture.js';
import { type ColumnPast, pastDistance, presentRows } from './past.js';
import type { Fault } from './point-rules.js';

const GATE_KS = 0.1;
const RESIDUAL = 0.3;
/** Both columns must agree on the share of rows that were exchanged. */
const SHARE_DIFFERENCE = 0.15;
/** From here on all rows are. */
const WHOLE = 0.95;

/** Two columns that drift and are each other: the exchange undoes both drifts at once. */
export function testExchange(a: ColumnPast, b: ColumnPast): Fault | undefined {
  const [first, second] = [toward(a, b), toward(b, a)];
  if (first === undefined || second === undefined) return undefined;
  if (Math.abs(first.share - second.share) > SHARE_DIFFERENCE) return undefined;
  return {
    code: 'exchanged',
    severity: 'error',
    detail: `it looks like "${b.now.name}" and that like this (KS ${number(first.distance)} falls to ${number(first.residual)}, there to ${number(second.residual)})`,
    likelyCause: `the columns "${a.now.name}" and "${b.now.name}" were exchanged`,
    repair: `exchange it with "${b.now.name}"`,
    rows: Math.round(first.share * presentRows(a.now)),
    ...(first.share > WHOLE ? { sql: `${identifier(a.now.name)} IS NOT NULL` } : {}),
    evidence: { distance: first.distance, residual: first.residual, with: b.now.name, share: first.share },
  };
}

function toward(column: ColumnPast, other: ColumnPast) {
  const [was, is, made] = [column.before.numeric, column.now.numeric, other.before.numeric];
  if (was === undefined || is === undefined || made === undefined) return undefined;
  const distance = quantileDistance(was.quantiles, is.quantiles);
  const sampling = 1.95 * Math.sqrt(1 / presentRows(column.before) + 1 / presentRows(column.now));
  const usual = pastDistance(column);
  if (distance <= Math.max(GATE_KS, sampling, usual)) return undefined;
  const part = bestPart(was.quantiles, made.quantiles, is.quantiles);
  if (part === undefined || part.residual > Math.max(RESIDUAL * distance, Math.min(usual, distance / 2)))
    return undefined;
  return { ...part, distance };
}
