import { describe, expect, it } from 'vitest';
import { evaluateDetector, scoreAlarms } from '../../../src/performance/judge/evaluate-detector.js';

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

describe('a recorded stream', () => {
  const of = (...values: readonly number[]): Float64Array => Float64Array.from(values);
  const rising = Float64Array.from({ length: 400 }, (_, i) => (i < 200 ? (i % 20 === 0 ? 1 : 0) : 1));

  it.each([
    ['ddm', of(0, 1, Number.NaN, Number.POSITIVE_INFINITY), undefined],
    ['ddm', of(0, 1, 0.5), 'needs values of 0 and 1'],
    ['hddm-a', of(0, 1, 0.5, Number.NaN), undefined],
    ['hddm-a', of(0.5, 1.1), 'needs values from 0 to 1'],
    ['hddm-a', of(0.5, -0.1), 'needs values from 0 to 1'],
    ['ensemble', of(-7, 7), undefined],
  ] as const)('is judged by %s only if its values fit: %s', (name, values, skipped) => {
    expect(evaluateDetector(name, values, { window: 10 })).toEqual({ name, alarms: [], skipped });
  });

  it('has alarms, each with the first warning before it', () => {
    const { alarms, against } = evaluateDetector('ddm', rising, { window: 10 });
    expect(against).toBeUndefined();
    expect(alarms).toHaveLength(1);
    const [{ index, warning } = { index: 0, warning: undefined }] = alarms;
    expect(index).toBeGreaterThan(200);
    expect(index).toBeLessThan(220);
    expect(warning).toBeGreaterThanOrEqual(200);
    expect(warning).toBeLessThan(index);
    // a warning that passed does not belong to a later alarm
    const calm = Float64Array.from([
      ...rising.slice(0, index - 1),
      ...new Float64Array(400),
      ...new Float64Array(400).fill(1),
    ]);
    const [late] = evaluateDetector('ddm', calm, { window: 10 }).alarms;
    expect(late?.warning).toBeGreaterThan(index + 300);
  });

  it('skips values that are not finite, and counts them in the index', () => {
    const [plain] = evaluateDetector('ddm', rising, { window: 10 }).alarms;
    const holes = Float64Array.from([...new Float64Array(50).fill(Number.NaN), ...rising]);
    expect(evaluateDetector('ddm', holes, { window: 10 }).alarms[0]?.index).toBe((plain?.index ?? 0) + 50);
  });

  it('is compared with known changes', () => {
    const { against } = evaluateDetector('ddm', rising, { changes: [200], window: 50 });
    expect(against).toMatchObject({ detected: 1, missed: 0, falseAlarms: 0 });
    expect(scoreAlarms(at(200), 400, { changes: [100], window: 100 })).toMatchObject({ detected: 0, falseAlarms: 1 });
    expect(scoreAlarms(at(199), 400, { changes: [100], window: 100 })).toMatchObject({ detected: 1, falseAlarms: 0 });
    expect(scoreAlarms(at(100), 400, { changes: [100], window: 100 })).toMatchObject({
      detected: 1,
      delayMean: 0,
      mtr: 300,
    });
  });
});
