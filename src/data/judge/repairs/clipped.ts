import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type Fault, unclear } from '../fault.js';
import { number, percent } from '../finding.js';
import { CODES, type ColumnPast, isSurprising, ksLimit, presentRows, shareAt, usualShare } from '../past.js';
import { isCharge, isPrice } from './unit-names.js';

/** Share of the reference that must lie beyond the limit. */
const LEAST_BEYOND = 0.02;

/**
 * Values beyond a limit that were set to it, as by a column type that has no room for them: nothing lies beyond any more, what did is at
 * the limit, and all other values are spread as before. A cap in the world looks the same.
 */
export function testClipped(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  if (before.numeric === undefined || now.numeric === undefined || before.distinct <= CODES) return undefined;
  // A law or a seller may cap what things cost.
  if (isPrice(now.name) || isCharge(now.name)) return undefined;
  return (
    clippedAt(column, now.numeric.max, { clip: Math.min, isBeyond: (value, limit) => value > limit }) ??
    clippedAt(column, now.numeric.min, { clip: Math.max, isBeyond: (value, limit) => value < limit })
  );
}

interface Side {
  readonly clip: (value: number, limit: number) => number;
  readonly isBeyond: (value: number, limit: number) => boolean;
}

function clippedAt(column: ColumnPast, limit: number, { clip, isBeyond }: Side): Fault | undefined {
  const { before, now, past } = column;
  const [was, is] = [before.numeric?.quantiles ?? [], now.numeric?.quantiles ?? []];
  const beyond = was.filter((value) => isBeyond(value, limit)).length / Math.max(1, was.length);
  const share = shareAt(now, limit);
  const own = shareAt(before, limit);
  const rows = presentRows(now);
  const isAtLimit = isSurprising(
    Math.round(share * rows),
    rows,
    usualShare(own * presentRows(before), presentRows(before)),
  );
  if (beyond < LEAST_BEYOND || beyond + own > 1 - LEAST_BEYOND || share < beyond / 2 || !isAtLimit) return undefined;
  // An earlier window within the limit shows that nothing was cut off.
  const isUsual = past.some(({ numeric }) =>
    [numeric?.min, numeric?.max].every((one) => !isBeyond(one ?? limit, limit)),
  );
  const made: Quantiles = was.map((value) => clip(value, limit));
  if (isUsual || quantileDistance(made, is) > ksLimit(rows, presentRows(before))) return undefined;
  return unclear(
    {
      code: 'clipped',
      severity: 'error',
      detail: `${percent(share)} of the values are ${number(limit)} and none lies beyond; of the reference ${percent(beyond)} did, and the others are spread as before`,
      likelyCause: `values beyond ${number(limit)} were set to it, as by a column that has no room for them`,
      repair: 'deliver the values with all their digits',
      rows: Math.round(share * rows),
      selects: { kind: 'one-of', column: now.name, values: [limit] },
      evidence: { value: limit, before: own, after: share },
    },
    `${number(limit)} is a limit now: a cap, or the largest that is sold`,
  );
}
