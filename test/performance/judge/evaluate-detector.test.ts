import { expect, it } from 'vitest';
import { scoreAlarms } from '../../../src/performance/judge/evaluate-detector.js';

const at = (...indices: readonly number[]) => indices.map((index) => ({ index }));

it('counts the first alarm in a window, later ones in it as neither found nor false', () => {
  const score = scoreAlarms(at(50, 120, 180, 900), 1000, { changes: [100, 500], window: 100 });
  expect(score).toEqual({
    falseAlarms: 2,
    detected: 1,
    missed: 1,
    delayMean: 20,
    itemsBetweenFalseAlarms: 400,
    missedRate: 0.5,
    mtr: (400 / 20) * 0.5,
  });
});

it('ends a window at the next change and at the end of the stream', () => {
  const score = scoreAlarms(at(150, 990), 1000, { changes: [100, 150, 950], window: 500 });
  expect(score).toMatchObject({ falseAlarms: 0, detected: 2, missed: 1, delayMean: 20 });
});

it('has no rate where nothing changed, and no delay where nothing was found', () => {
  expect(scoreAlarms(at(10), 1000, { changes: [], window: 100 })).toEqual({
    falseAlarms: 1,
    detected: 0,
    missed: 0,
    itemsBetweenFalseAlarms: 1000,
  });
  expect(scoreAlarms([], 1000, { changes: [500], window: 100 })).toEqual({
    falseAlarms: 0,
    detected: 0,
    missed: 1,
    missedRate: 1,
    mtr: 0,
  });
});
