import { makeFinding } from '../../../data/judge/finding.js';
import { type FeatureDrift, hasMoved } from '../../../domain/data/drift.js';
import type { Finding } from '../../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../../domain/data/profile.js';
import { percentText } from '../../../domain/support/percent-text.js';
import { missingRows } from '../cells.js';
import { ALPHA_SHARES, LEAST_ROWS } from '../compare-column.js';
import { explainMissing, explainUnseen } from '../explain.js';
import { figureText } from '../figures.js';
import { alphaFor, comparableColumns } from '../judge-table.js';
import { compareMissing } from '../missing-share.js';
import { unseenValues } from '../unseen.js';
import { categoryPair } from './few-values.js';

/** New values are reported from this share of the rows on, even if that is too little for a drift. */
const TOLD_SHARE = 0.01;
/** Missing values that existed before are reported if there are more than this many times as many. */
const NEW_TIMES = 2;

interface Options {
  readonly ignore: readonly string[];
  readonly dataset?: string;
  /** Verdicts of the columns. A column that drifts or is a finding gets no further warning. */
  readonly features: readonly FeatureDrift[];
  /** Warnings that columns already have. */
  readonly warned: readonly Finding[];
}

/** Warnings about values, missing values and ranges that the reference does not have, in columns that do not drift. */
export function warnNewcomers(reference: TableProfile, current: TableProfile, options: Options): readonly Finding[] {
  const pairs = comparableColumns(reference, current, options.ignore);
  const alpha = alphaFor(pairs.length);
  const told = new Set(options.warned.map((one) => one.column));
  const isQuiet = (name: string): boolean => {
    const feature = options.features.find((one) => one.name === name);
    const isSaid = feature !== undefined && (hasMoved(feature) || feature.verdict === 'finding');
    return !told.has(name) && !isSaid;
  };
  return pairs
    .filter((pair) => isQuiet(pair.reference.name))
    .flatMap((pair) => newsOf(pair.reference, pair.current, alpha))
    .map((news) => makeFinding({ severity: 'warning', dataset: options.dataset, ...news }));
}

type News = Omit<Finding, 'id' | 'severity' | 'dataset'>;

function newsOf(before: ColumnProfile, now: ColumnProfile, alpha: number): readonly News[] {
  if (Math.min(before.rows, now.rows) < LEAST_ROWS) return [];
  return [newGaps(before, now, alpha), newValues(before, now, alpha), beyondRange(before, now, alpha)].filter(
    (one) => one !== undefined,
  );
}

function newGaps(before: ColumnProfile, now: ColumnProfile, alpha: number): News | undefined {
  const missing = compareMissing(before, now, alpha * ALPHA_SHARES.missing);
  const isNew = missing.after > NEW_TIMES * missing.before && missing.after - missing.before >= TOLD_SHARE;
  if (!isNew || missing.score <= missing.limit) return undefined;
  return {
    code: 'new-gaps',
    column: now.name,
    detail: explainMissing(missing),
    rows: missingRows(now),
    selects: { kind: 'missing', column: now.name },
    evidence: { before: missing.before, after: missing.after },
  };
}

function newValues(before: ColumnProfile, now: ColumnProfile, alpha: number): News | undefined {
  const pair = categoryPair(before, now);
  const unseen =
    pair === undefined ? undefined : unseenValues(pair.reference, pair.current, alpha * ALPHA_SHARES.unseen);
  if (unseen === undefined || unseen.share <= unseen.limit || unseen.share - unseen.expected < TOLD_SHARE)
    return undefined;
  return {
    code: 'new-values',
    column: now.name,
    detail: explainUnseen(unseen),
    rows: Math.round(unseen.share * (now.rows - missingRows(now))),
    evidence: { share: unseen.share, expected: unseen.expected },
  };
}

/** Numbers outside the range of the reference. */
function beyondRange(before: ColumnProfile, now: ColumnProfile, alpha: number): News | undefined {
  const { numeric } = before;
  const counted = now.counted;
  if (numeric === undefined || counted === undefined || categoryPair(before, now) !== undefined) return undefined;
  const [n, m] = [before.rows - missingRows(before), now.rows - missingRows(now)];
  const beyond = (counted[0] ?? 0) + (counted.at(-1) ?? 0);
  if (Math.min(n, m) < LEAST_ROWS || beyond < TOLD_SHARE * m || beyondTail(beyond, n, m) > alpha) return undefined;
  const [least, largest] = [figureText(numeric.min), figureText(numeric.max)];
  return {
    code: 'beyond-range',
    column: now.name,
    detail: `${percentText(beyond / m)} of the values lie outside ${least} … ${largest}, the range of the reference`,
    rows: beyond,
    selects: { kind: 'outside', column: now.name, lower: numeric.min, upper: numeric.max },
    evidence: { share: beyond / m },
  };
}

/**
 * Probability of at least `count` of m new rows outside the range of n rows from the same law. The share outside has
 * the law of two of n + 1 uniform spacings, so the count is negative binomial with two hits (Wilks 1941) and
 * probability n/(n + m).
 */
const beyondTail = (count: number, n: number, m: number): number =>
  (m / (n + m)) ** count * (1 + (count * n) / (n + m));
