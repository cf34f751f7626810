import { describe, expect, it } from 'vitest';
import { findNewValues, listDistance, listLimit } from '../../../src/data/judge/new-values.js';
import { cities, draw, later } from './categories.js';
import { column, texts } from './profiles.js';

describe('new values', () => {
  it('are those that the reference does not have, beyond chance', () => {
    const found = findNewValues(texts(cities, [...later, ...draw({ Drammen: 1, Molde: 1 }, 100)]));
    expect(found).toMatchObject({ rows: 100, share: 100 / 4100 });
    expect(found?.values.map((one) => one.value).sort()).toEqual(['Drammen', 'Molde']);
  });

  it.each([
    ['none', later, false],
    ['four rows', [...later.slice(0, 100), 'a', 'a', 'a', 'a'], false],
    ['five', [...later.slice(0, 100), 'a', 'a', 'a', 'a', 'a'], true],
    ['less than one in two hundred', [...later, ...draw({ a: 1 }, 19)], false],
    ['more', [...later, ...draw({ a: 1 }, 21)], true],
  ])('%s', (_, is, expected) => {
    expect(findNewValues(texts(cities, is)) !== undefined).toBe(expected);
  });

  it.each([
    // 100 · KL(0.28 ‖ 0.1) = 12.76, and of 0.29: 14.04; ln 10⁶ = 13.82
    ['28 of 100 rows beside eight', 8, 28, 100, false],
    ['29', 8, 29, 100, true],
    ['exactly one in two hundred', 100_000, 5, 1000, true],
    ['just less', 100_000, 5, 1001, false],
  ])('%s', (_, reference, fresh, rows, expected) => {
    const { before, now } = texts(['Oslo'], draw({ Oslo: 1 }, rows - fresh).concat(draw({ Bergen: 1 }, fresh)));
    const categories = { top: [{ value: 'Oslo', count: reference }], singletons: 0, otherRows: 0 };
    const found = findNewValues({ before: { ...before, rows: reference, categories }, now, past: [] });
    expect(found?.rows).toBe(expected ? fresh : undefined);
  });

  it('are expected where many values of the reference occur once', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => `id-${i}`);
    const others = Array.from({ length: 2000 }, (_, i) => `id-${i + 5000}`);
    expect(findNewValues(texts(ids, others))).toBeUndefined();
  });

  it('are expected where the reference has values that were not kept', () => {
    const { before, now } = texts(draw({ Oslo: 1 }, 500), draw({ Oslo: 1, Bergen: 1 }, 1000));
    const others = (otherRows: number) => ({
      ...before,
      rows: before.rows + otherRows,
      categories: { top: before.categories?.top ?? [], singletons: 0, otherRows },
    });
    expect(findNewValues({ before: others(0), now, past: [] })?.rows).toBe(500);
    expect(findNewValues({ before: others(500), now, past: [] })).toBeUndefined();
  });

  it('are not searched for in numbers, nor where numbers have become texts or texts numbers', () => {
    const [numbers, words] = [column('c', [1, 2, 3, 4, 5]), column('c', ['a', 'b', 'c', 'd', 'e'])];
    for (const [before, now] of [
      [numbers, numbers],
      [numbers, words],
      [words, numbers],
    ] as const)
      expect(findNewValues({ before, now, past: [] })).toBeUndefined();
  });
});

it('compares two lists by their shares', () => {
  expect(listDistance([1, 1], [2, 2])).toBe(0);
  expect(listDistance([1, 0], [0, 1])).toBe(1);
  expect(listDistance([3, 1], [1, 1])).toBeCloseTo(0.25, 9);
  expect(listDistance([1], [1, 1])).toBeCloseTo(0.5, 9);
});

it('expects two lists to differ by more where there are few rows for their cells', () => {
  // 1.2 · √(4/100)
  expect(listLimit(4, 100)).toBeCloseTo(0.24, 12);
  expect(listLimit(4, 6400)).toBe(0.03);
  expect(listLimit(4, 6399)).toBeGreaterThan(0.03);
  expect(listLimit(4, 0)).toBeCloseTo(2.4, 12);
});
