import { directionOf } from '../../domain/models/metric-direction.js';
import type { ScoreDifference } from '../../domain/runs/run-diff.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { Span } from '../../domain/view.js';
import { dim, distinctFigures, figure, toned } from '../../render/parts/parts.js';

/** What a difference means. `unclear`: its interval holds 0. `differs`: there is no interval, or nobody knows which way is better. */
export type ScoreMeaning = 'same' | 'better' | 'worse' | 'unclear' | 'differs' | 'incomparable';

const differenceOf = ({ before, after }: ScoreDifference): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before;

export function meaningOf(score: ScoreDifference): ScoreMeaning {
  const difference = differenceOf(score);
  if (difference === undefined) return 'incomparable';
  const { interval } = score;
  if (difference === 0 && (interval === undefined || interval.lower === interval.upper)) return 'same';
  if (interval === undefined) return 'differs';
  if (interval.lower <= 0 && interval.upper >= 0) return 'unclear';
  const direction = directionOf(score.name);
  if (direction === undefined) return 'differs';
  return difference > 0 === (direction === 'higher') ? 'better' : 'worse';
}

/** With its sign, as differences are read: `+0.0078`, `−0.01`. */
const signed = (value: number): string => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${figure(Math.abs(value))}`);

/** Both values, with enough digits to differ, their difference, and its interval. */
export function scoreCells(score: ScoreDifference): readonly [Span, Span, Span, Span] {
  const { before, after, interval } = score;
  const difference = differenceOf(score);
  const side = (value: number | undefined): Span => (value === undefined ? dim('–') : figure(value));
  const [left, right] =
    before === undefined || after === undefined || before === after
      ? [side(before), side(after)]
      : distinctFigures(before, after);
  return [
    left,
    right,
    difference === undefined ? dim('–') : toned(signed(difference), TONE[meaningOf(score)]),
    interval === undefined ? dim('–') : `${signed(interval.lower)} … ${signed(interval.upper)}`,
  ];
}

const TONE = {
  same: 'dim',
  better: 'good',
  worse: 'bad',
  unclear: 'plain',
  differs: 'plain',
  incomparable: 'dim',
} as const;

/** The interval of the difference, or why there is none. */
export const intervalJson = ({ interval, withoutInterval, ...score }: ScoreDifference): JsonObject => ({
  difference: differenceOf(score) ?? null,
  lower: interval?.lower ?? null,
  upper: interval?.upper ?? null,
  rows: interval?.rows ?? null,
  no_interval_because: withoutInterval ?? null,
});
