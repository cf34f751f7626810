import { expect, it } from 'vitest';
import { isUsualSwing } from '../../../../src/performance/judge/episodes/usual-swing.js';
import { normalEstimate } from '../../../../src/statistics/estimate.js';

const estimate = (value: number, standardError = 0.01) => normalEstimate(value, standardError, 1400, [0, 1]);
const LEVEL = { level: 0.8, isHigherBetter: true };

interface Seen {
  readonly good: readonly number[];
  readonly alone?: readonly number[];
  /** Of the earlier windows. */
  readonly standardError?: number;
}

const isUsual = (value: number, { good, alone = [], standardError = 0.01 }: Seen): boolean =>
  isUsualSwing(
    { good: good.map((one) => estimate(one, standardError)), alone: alone.map((one) => estimate(one, standardError)) },
    estimate(value),
    LEVEL,
  );

it.each([
  ['two windows as bad, good again after', 0.7, { good: [0.8, 0.7, 0.8, 0.8, 0.7, 0.8] }, true],
  ['one', 0.7, { good: [0.8, 0.7, 0.8, 0.8, 0.8, 0.8] }, false],
  ['one, and one that was a fall of its own', 0.7, { good: [0.8, 0.7, 0.8], alone: [0.7] }, true],
  ['two falls of their own', 0.7, { good: [0.8], alone: [0.7, 0.69] }, true],
  ['as bad within sampling', 0.7, { good: [0.8, 0.717, 0.8, 0.717, 0.8] }, true],
  ['not as bad', 0.7, { good: [0.8, 0.72, 0.8, 0.72, 0.8] }, false],
  ['a creeping fall: none was good again', 0.7, { good: [0.76, 0.74, 0.72, 0.71, 0.7] }, false],
  ['less than half way back', 0.7, { good: [0.8, 0.7, 0.74, 0.7, 0.74] }, false],
  ['more than half way', 0.7, { good: [0.8, 0.7, 0.76, 0.7, 0.76] }, true],
  ['the last one has no window after it', 0.7, { good: [0.8, 0.7, 0.8, 0.8, 0.7] }, false],
  ['what sampling explains', 0.7, { good: [0.8, 0.7, 0.8, 0.7, 0.8], standardError: 0.041 }, false],
  ['a little more', 0.7, { good: [0.8, 0.7, 0.8, 0.7, 0.8], standardError: 0.039 }, true],
] satisfies readonly (readonly [string, number, Seen, boolean])[])('%s', (_, value, seen, expected) => {
  expect(isUsual(value, seen)).toBe(expected);
});

it('knows errors, which are worse when they are larger', () => {
  const good = [10, 14, 10, 14, 10].map((value) => normalEstimate(value, 0.2, 1400, [0, 100]));
  const at = (value: number) => normalEstimate(value, 0.2, 1400, [0, 100]);
  const level = { level: 10, isHigherBetter: false };
  expect(isUsualSwing({ good, alone: [] }, at(14), level)).toBe(true);
  expect(isUsualSwing({ good, alone: [] }, at(15), level)).toBe(false);
});
