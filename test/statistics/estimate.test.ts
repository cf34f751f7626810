import { describe, expect, it } from 'vitest';
import { auc } from '../../src/statistics/auc.js';
import { meanAndVariance, meanEstimate, normalEstimate, shareEstimate } from '../../src/statistics/estimate.js';
import { midRanks } from '../../src/statistics/ranks.js';

const numbers = (...values: readonly number[]): Float64Array => Float64Array.from(values);

describe('auc', () => {
  const label = [1, 0, 1, 1, 0, 0, 0];
  const score = [0.9, 0.6, 0.6, 0.4, 0.3, 0.6, 0.1];
  const share = (i: number, k: number): number => {
    const [a, b] = [score[i] ?? 0, score[k] ?? 0];
    return a > b ? 1 : a === b ? 0.5 : 0;
  };
  const rowsOf = (y: number) => label.flatMap((one, i) => (one === y ? [i] : []));
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const variance = (values: readonly number[]) =>
    values.reduce((sum, one) => sum + (one - mean(values)) ** 2, 0) / (values.length - 1);

  it('is the share of pairs in the right order, ties half, with the error that DeLong gives', () => {
    const [positive, negative] = [rowsOf(1), rowsOf(0)];
    const above = positive.map((i) => mean(negative.map((k) => share(i, k))));
    const below = negative.map((k) => mean(positive.map((i) => share(i, k))));
    const found = auc(numbers(...label), numbers(...score));
    expect(found?.value).toBeCloseTo(mean(above), 12);
    const error = Math.sqrt(variance(above) / positive.length + variance(below) / negative.length);
    expect(found?.standardError).toBeCloseTo(error, 12);
    expect(found?.rows).toBe(7);
    expect(found?.lower).toBeCloseTo(mean(above) - 1.96 * error, 12);
    expect(found?.upper).toBe(1);
  });

  it('needs two rows of each label', () => {
    expect(auc(numbers(1, 1, 0), numbers(1, 2, 3))).toBeUndefined();
    expect(auc(numbers(1, 0, 0), numbers(1, 2, 3))).toBeUndefined();
    expect(auc(numbers(1, 1, 0, 0), numbers(3, 4, 1, 2))).toMatchObject({ value: 1, standardError: 0 });
    expect(auc(numbers(1, 1, 0, 0), numbers(1, 2, 3, 4))).toMatchObject({ value: 0 });
  });
});

describe('mid-ranks', () => {
  it.each([
    [[], []],
    [[5], [1]],
    [
      [3, 1, 2],
      [3, 1, 2],
    ],
    [
      [2, 1, 2, 3],
      [2.5, 1, 2.5, 4],
    ],
    [
      [7, 7, 7],
      [2, 2, 2],
    ],
    [
      [-1, 10, 9, 10],
      [1, 3.5, 2, 3.5],
    ],
  ])('of %j are %j', (values, ranks) => expect([...midRanks(values)]).toEqual(ranks));
});

describe('estimates', () => {
  it('reach 1.96 standard errors to either side, within the range of the metric', () => {
    expect(normalEstimate(0.5, 0.1, 40)).toEqual({
      value: 0.5,
      standardError: 0.1,
      lower: expect.closeTo(0.304, 10),
      upper: expect.closeTo(0.696, 10),
      rows: 40,
    });
    expect(normalEstimate(0.9, 0.1, 40, [0, 1])).toMatchObject({ lower: expect.closeTo(0.704), upper: 1 });
    expect(normalEstimate(0.1, 0.1, 40, [0, 1])).toMatchObject({ lower: 0, upper: expect.closeTo(0.296) });
  });

  it('of a share have the interval of Wilson (1927)', () => {
    // as statsmodels gives it for 8 of 10: proportion_confint(8, 10, method='wilson')
    const found = shareEstimate(8, 10, 25);
    expect(found).toMatchObject({ value: 0.8, rows: 25 });
    expect(found.lower).toBeCloseTo(0.4902, 3);
    expect(found.upper).toBeCloseTo(0.9433, 3);
    expect(found.standardError).toBeCloseTo((found.upper - found.lower) / 2 / 1.96, 12);
    const none = shareEstimate(0, 20, 20);
    expect(none.lower).toBeCloseTo(0, 12);
    expect(none.upper).toBeCloseTo(0.1611, 3);
    expect(shareEstimate(20, 20, 20).lower).toBeCloseTo(1 - none.upper, 12);
  });

  it('of a mean take the spread of the rows', () => {
    expect(meanAndVariance(numbers(2, 4, 9))).toEqual({ mean: 5, variance: 13 });
    expect(meanAndVariance(numbers(3))).toEqual({ mean: 3, variance: 0 });
    expect(meanAndVariance(numbers(1e9, 1e9 + 1, 1e9 + 2))).toEqual({ mean: 1e9 + 1, variance: 1 });
    expect(meanEstimate(numbers(2, 4, 9))).toMatchObject({
      value: 5,
      standardError: expect.closeTo(Math.sqrt(13 / 3), 12),
      rows: 3,
    });
    expect(meanEstimate(numbers(0, 1), [0, 1])).toMatchObject({ lower: 0, upper: 1, value: 0.5 });
  });
});
