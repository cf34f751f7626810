import { expect, it } from 'vitest';
import type { EarnedVersion } from '../../../src/domain/data/performance.js';
import { judgeEarned } from '../../../src/gate/judge/earned.js';

const version = (name: EarnedVersion['name'], number: number, mae: number) =>
  ({ name, model: 'm', version: number, metrics: { mae } }) as unknown as EarnedVersion;

const judge = (champion: EarnedVersion, other: EarnedVersion, direction: 'higher' | 'lower' = 'lower') =>
  judgeEarned({ metric: 'mae', direction, champion, other });

it.each([
  [3, 'previous', 2, 10, 'version 2 would have been worse: retraining has earned 2 mae'],
  [3, 'first', 1, 10, 'version 1, never retrained, would have been worse: retraining has earned 2 mae'],
  [3, 'previous', 2, 8, 'version 2 would have been as good: an equal mae'],
  [3, 'previous', 2, 7.5, 'version 2 would have been better: −0.5 mae'],
  // The first version serves again: no training has earned anything.
  [1, 'previous', 3, 10, 'version 3 would have been worse: the rollback has earned 2 mae'],
  [1, 'previous', 3, 7.5, 'version 3 would have been better: −0.5 mae'],
  [
    3,
    'scratch',
    4,
    10,
    'version 4, trained from zero on the same data, is worse: the start from an earlier model has earned 2 mae',
  ],
  [
    3,
    'scratch',
    4,
    7.5,
    'version 4, trained from zero on the same data, is better: the start from an earlier model costs 0.5 mae',
  ],
  [3, 'scratch', 4, 8, 'version 4, trained from zero on the same data, is as good: an equal mae'],
] as const)('champion %i, %s version %i with mae %d', (champion, name, number, mae, sentence) => {
  expect(judge(version('champion', champion, 8), version(name, number, mae))).toMatchObject({
    version: number,
    verdict: 'unsure',
    detail: `${sentence}; no predictions of both on the same rows give an interval`,
  });
});

it('counts a gain in the direction of the metric, and has no verdict without the metric of both', () => {
  expect(judge(version('champion', 2, 8), version('first', 1, 10))?.gain).toBe(2);
  expect(judge(version('champion', 2, 8), version('first', 1, 10), 'higher')?.gain).toBe(-2);
  const without = { ...version('first', 1, 1), metrics: {} };
  expect(judge(version('champion', 2, 8), without)).toBeUndefined();
  expect(judge(without, version('first', 1, 1))).toBeUndefined();
});

it.each([
  // direction, error of the champion's predictions, of the other's
  ['lower', 1, 3, 'better'],
  ['lower', 3, 1, 'worse'],
  ['lower', 2, 2, 'unsure'],
] as const)('%s is better: errors of %d against %d are %s', (direction, mine, theirs, verdict) => {
  const label = Array.from({ length: 200 }, (_, i) => i % 17);
  const off = (by: number) => label.map((is, i) => is + by * (1 + (i % 3) / 10));
  const found = judgeEarned({
    metric: 'mae',
    direction,
    champion: version('champion', 2, mine),
    other: version('first', 1, theirs),
    pairs: { label, candidate: off(mine), champion: off(theirs) },
  });
  expect(found).toMatchObject({ verdict, rows: 200 });
  expect(found?.detail).toContain('95 %: ');
  expect(found?.detail.endsWith(', which may be chance')).toBe(verdict === 'unsure');
});
