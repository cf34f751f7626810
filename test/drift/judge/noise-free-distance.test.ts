import { describe, expect, it } from 'vitest';
import { cleanDistance, tableDistance } from '../../../src/drift/judge/noise-free-distance.js';
import { quantileDistance } from '../../../src/statistics/distribution.js';
import { numbers, tableOf, texts, uniforms } from './columns.js';

const empty = numbers([]);

describe('the distance without the part that sampling adds', () => {
  it('of numbers is that of their distributions, less π²/12 · (1/n + 1/m) in squares', () => {
    const column = numbers(uniforms(1000));
    expect(cleanDistance(column, column)).toBe(0);
    const half = quantileDistance(uniforms(1000), uniforms(1000, 0.5));
    expect(half).toBeCloseTo(0.5, 2);
    expect(cleanDistance(column, numbers(uniforms(1000, 0.5))) ** 2).toBeCloseTo(half ** 2 - 0.822467 * 0.002, 6);
    const short = quantileDistance(uniforms(1000), uniforms(100, 0.5)) ** 2 - 0.822467 * 0.011;
    expect(cleanDistance(column, numbers(uniforms(100, 0.5))) ** 2).toBeCloseTo(short, 6);
    const gaps = { ...numbers(uniforms(100, 0.5)), rows: 1100, missing: 1000 };
    expect(cleanDistance(column, gaps) ** 2).toBeCloseTo(short, 6);
  });

  it('of texts is the total variation, less its mean square without a change', () => {
    const [even, most] = [texts({ a: 500, b: 500 }), texts({ a: 900, b: 100 })];
    expect(cleanDistance(even, even)).toBe(0);
    // of two values: √(0.16 − 0.7 · 0.3 · 0.002)
    expect(cleanDistance(even, most)).toBeCloseTo(0.39947, 4);
  });

  it('is none of columns that cannot be compared, or without values', () => {
    expect(cleanDistance(numbers(uniforms(100)), texts({ a: 100 }))).toBe(0);
    expect(cleanDistance(texts({ a: 100 }), numbers(uniforms(100)))).toBe(0);
    expect(cleanDistance(numbers(uniforms(100)), empty)).toBe(0);
    expect(cleanDistance(empty, numbers(uniforms(100)))).toBe(0);
  });
});

describe('the distance of two tables', () => {
  const named = (name: string, from = 0) => numbers(uniforms(1000, from), name);

  it('is the mean over the columns of both, the largest for those that cannot be compared', () => {
    const one = tableOf([named('x'), named('y'), texts({ a: 1000 }, 0, 'z')]);
    const two = tableOf([named('x', 0.5), named('y'), named('z')]);
    expect(tableDistance(one, two, [])).toBeCloseTo((0.5 + 0 + 1) / 3, 2);
    expect(tableDistance(one, two, ['z'])).toBeCloseTo(0.25, 2);
    expect(tableDistance(one, tableOf([named('other')]), [])).toBeUndefined();
  });
});
