import { describe, expect, it } from 'vitest';
import {
  binomialTail,
  chiSquarePoint,
  chiSquareTail,
  gammaTail,
  normalTail,
  pearsonPoint,
  pearsonTail,
  upperPoint,
} from '../../src/statistics/special-functions.js';

/** Equal to ten digits. */
const same = (found: number, expected: number): void =>
  expect(Math.abs(found - expected), `${found} instead of ${expected}`).toBeLessThanOrEqual(1e-10 * expected);

// Expected values of both tables: mpmath with 40 digits, the binomial ones with whole counts as exact sums.
describe('the tail of the binomial distribution', () => {
  it.each([
    [1, 1, 0.3, 0.3],
    [2, 3, 0.5, 0.5],
    [3, 4, 0.55, 0.39098125],
    [3, 4, 0.6667, 0.5926518518517037],
    [3, 10, 0.2, 0.3222004736],
    [7, 10, 0.2, 0.0008643584],
    [3, 10, 0.9, 0.9999996264],
    [10, 10, 0.5, 0.0009765625],
    [1, 10, 0.01, 0.09561792499119551],
    [40, 100, 0.4, 0.5379246591140371],
    [60, 100, 0.4, 4.246638705729488e-5],
    [30, 100, 0.4, 0.9852246817692689],
    [120, 1000, 0.1, 0.02199614496579435],
    [500, 1000, 0.5, 0.5126125090891804],
    [530, 1000, 0.5, 0.03101159754918159],
    [470, 1000, 0.5, 0.9731610751774949],
    [2, 1000, 1e-6, 4.991677902183799e-7],
    [995, 1000, 0.99, 0.06613951160725197],
    [1000, 1000, 0.9999, 0.9048328935585463],
  ])('at least %f of %i with chance %f', (least, trials, chance, tail) => {
    same(binomialTail(least, trials, chance), tail);
  });

  it.each([
    [2.5, 7.25, 0.4, 0.7456848909807825],
    [0.5, 3.5, 0.05, 0.4654078517387551],
    [0.5, 0.5, 0.4, 0.6324555320336759],
    [7.9, 8, 0.6, 0.02130287652760728],
  ])('continues between whole counts: %f of %f with chance %f', (least, trials, chance, tail) => {
    same(binomialTail(least, trials, chance), tail);
  });

  it('is 1 for at least none, 0 for more than all, and a step without chance', () => {
    expect([0, -1].map((least) => binomialTail(least, 5, 0.2))).toEqual([1, 1]);
    expect(binomialTail(0, 5, 0)).toBe(1);
    expect(binomialTail(5.01, 5, 0.2)).toBe(0);
    same(binomialTail(5, 5, 0.2), 0.2 ** 5);
    expect([0, -0.1].map((chance) => binomialTail(1, 5, chance))).toEqual([0, 0]);
    expect(binomialTail(3, 5, 1)).toBe(1);
    same(binomialTail(1, 5, 1e-12), 5e-12 * (1 - 2e-12));
  });

  it('adds up to 1 with the tail of the other outcome', () => {
    for (const chance of [0.05, 0.3, 0.5, 0.8])
      for (const least of [1, 4, 9, 16, 20])
        same(binomialTail(least, 20, chance) + binomialTail(21 - least, 20, 1 - chance), 1);
  });
});

describe('the tail of the gamma distribution', () => {
  it.each([
    [0.001, 0.001, 0.00631235329113971],
    [0.05, 0.2, 0.06079091130077896],
    [0.05, 2, 0.002638542708796535],
    [0.5, 0.001, 0.9643294082703201],
    [0.5, 0.3, 0.4385780260809999],
    [0.5, 1.49, 0.08429927240325934],
    [0.5, 1.51, 0.08224346614660626],
    [0.5, 30, 9.485737571073848e-15],
    [1.5, 2.4999, 0.171811789865108],
    [1.5, 2.5, 0.1717971442967331],
    [3.7, 1.2, 0.9494026015014375],
    [3.7, 12, 0.001520446619118993],
    [25, 20, 0.8432273781737623],
    [25, 26, 0.3959265699998285],
    [25, 60, 1.095880711259978e-7],
    [100, 101, 0.4471037065654888],
    [250.5, 300, 0.001522458585674457],
    [1000, 900, 0.9994500977342882],
    [1000, 1100, 0.001059323253929977],
  ])('of shape %f beyond %f', (shape, x, tail) => {
    // near 1 − tail, digits are lost in proportion to the shape's logarithm
    expect(gammaTail(shape, x) / tail).toBeCloseTo(1, 10);
  });

  it('never falls below 0, and is 1 just above 0', () => {
    expect(gammaTail(0.5, 0)).toBe(1);
    expect(gammaTail(40, 1e-9)).toBe(1);
    expect(gammaTail(3, 700)).toBeGreaterThanOrEqual(0);
  });

  it('gives the tails of chi-square and of the normal distribution', () => {
    expect(chiSquareTail(9, 1)).toBeCloseTo(2 * normalTail(3), 14);
    expect(chiSquareTail(5, 2)).toBeCloseTo(Math.exp(-2.5), 14);
    expect([normalTail(0), chiSquareTail(0, 4)]).toEqual([0.5, 1]);
    expect(normalTail(1.3) + normalTail(-1.3)).toBeCloseTo(1, 14);
  });
});

describe('the point of a tail', () => {
  it('is found in thirty halvings, a billionth of the span, wherever the span lies', () => {
    for (const span of [
      [0, 1],
      [1000, 1001],
      [-5, 45],
    ] as const) {
      let calls = 0;
      const none = (): number => {
        calls += 1;
        return 0;
      };
      upperPoint(none, 0.25, span);
      expect(calls).toBe(30);
    }
  });

  it('is not passed where the tail equals alpha', () => {
    expect(upperPoint((x) => 1 - x / 8, 0.5, [0, 8])).toBe(4);
  });

  it('of chi-square is found for any number of degrees of freedom, however small alpha is', () => {
    for (const df of [1, 4, 60, 2000])
      for (const alpha of [1e-15, 1e-4, 0.5]) {
        const point = chiSquarePoint(alpha, df);
        expect(chiSquareTail(point, df) / alpha).toBeCloseTo(1, 4);
      }
  });

  it('of Pearson III lies between 4 deviations below the mean and 60 above', () => {
    const moments = { mean: 5, sd: 2, skew: 1 };
    for (const alpha of [0.999, 0.5, 1e-6]) {
      const point = pearsonPoint(alpha, moments);
      expect(pearsonTail(point, moments) / alpha).toBeCloseTo(1, 5);
    }
    expect(pearsonPoint(0, moments)).toBe(5 + 2 * 60);
    expect(pearsonPoint(1, { ...moments, skew: 0 })).toBeCloseTo(5 - 2 * 4, 6);
  });
});
