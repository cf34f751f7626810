import { describe, expect, it } from 'vitest';
import { bestPart, isPartOnly } from '../../../../src/data/judge/repairs/mixture.js';
import { column, pair, texts } from '../profiles.js';

const N = 1000;
/** Zeros with so many ones and fives. */
const rows = (ones: number, fives = 0): number[] =>
  Array.from({ length: N }, (_, i) => (i < N - ones - fives ? 0 : i < N - fives ? 1 : 5));

describe('the share of a second distribution', () => {
  it('is that which leaves least of the difference', () => {
    expect(bestPart([0], [1], [0, 0, 1, 1])).toEqual({ share: 0.5, residual: 0 });
    // the quarter that is neither 0 nor 1 remains
    expect(bestPart([0], [1], [0, 0, 1, 5])).toEqual({ share: 0.5, residual: 0.25 });
    expect(bestPart([5, 7], [1, 3], [1, 3, 5, 7])).toEqual({ share: 0.5, residual: 0 });
  });

  it('is at most all rows', () => {
    expect(bestPart([2, 3], [1, 2], [0, 1])?.share).toBe(1);
  });

  it('is not known below 5 %, nor where both distributions are the same', () => {
    expect(bestPart([0], [1], rows(51))?.share).toBeCloseTo(0.051, 9);
    expect(bestPart([0], [1], rows(49))).toBeUndefined();
    expect(bestPart([0, 1], [0, 1], [2, 3])).toBeUndefined();
  });
});

describe('what a mixture leaves', () => {
  const share = (values: readonly number[], x: number): number =>
    values.filter((value) => value <= x).length / values.length;
  /** The mixture's largest distance from the window by its definition, at every value. */
  const left = (was: readonly number[], made: readonly number[], is: readonly number[], part: number): number =>
    Math.max(
      ...[...was, ...made, ...is].map((x) =>
        Math.abs(share(is, x) - (1 - part) * share(was, x) - part * share(made, x)),
      ),
    );

  it.each([
    ['values below both', [20, 21, 22], [10, 11, 12], [1, 2, 11, 21]],
    ['values between both', [20, 21, 22], [10, 11, 12], [10, 15, 16, 21, 22]],
    ['values above both', [1, 2, 3], [10, 11, 12], [1, 2, 3, 10, 20]],
    ['values in both', [1, 2, 3, 4, 5], [3, 4, 5, 6, 7], [1, 2, 5, 6, 7]],
    ['a part that lies lower, and repeated values', [5, 5, 6, 8], [1, 1, 2, 5], [1, 2, 2, 5, 6]],
  ])('is the largest distance: %s', (_, was, made, is) => {
    const part = bestPart(was, made, is);
    expect(part?.residual).toBeCloseTo(left(was, made, is, part?.share ?? 0), 8);
    // and another share leaves more in all, by least squares at every value
    const squares = (at: number): number =>
      [...was, ...made, ...is].reduce(
        (sum, x) => sum + (share(is, x) - (1 - at) * share(was, x) - at * share(made, x)) ** 2,
        0,
      );
    for (const other of [-0.01, 0.01])
      expect(squares((part?.share ?? 0) + other)).toBeGreaterThan(squares(part?.share ?? 0));
  });
});

describe('a fault in a part of the rows', () => {
  /** Whether ones in this share explain a window in which so many rows have become one, and others five. */
  const explains = (ones: number, fives: number, { share = ones / N, past = [] as number[] } = {}): boolean =>
    isPartOnly(
      pair('x', rows(0), rows(ones, fives), { past: past.map((some) => column('x', rows(some))) }),
      [1],
      share,
    );

  it('explains the window if a fifth of its distance is left', () => {
    expect(explains(400, 90)).toBe(true);
    expect(explains(400, 110)).toBe(false);
  });

  it('explains it if no more is left than earlier windows have had', () => {
    expect(explains(400, 110, { past: [115, 100, 0] })).toBe(true);
    expect(explains(400, 110, { past: [105, 100, 0] })).toBe(false);
  });

  it('explains it if what is left is within sampling: 1.36 · √(2 / 1,000) = 0.061', () => {
    expect(explains(200, 58)).toBe(true);
    expect(explains(200, 65)).toBe(false);
  });

  it('explains it never if more than 35 % of the distance is left', () => {
    expect(explains(100, 50)).toBe(true);
    expect(explains(100, 60)).toBe(false);
  });

  it('may have another share than the values outside the range show', () => {
    expect(explains(500, 10, { share: 0.9 })).toBe(true);
    expect(explains(990, 10, { share: 1.2 })).toBe(true);
    // 4 % are too few to fit a share
    expect(explains(40, 0)).toBe(true);
  });

  it('is asked for after the first look, which has no earlier windows', () => {
    const world = pair('x', rows(0), rows(100, 500));
    expect(isPartOnly(world, [1], 0.1)).toBe(false);
    expect(isPartOnly({ ...world, isFirstLook: true }, [1], 0.1)).toBe(true);
  });

  it('is nothing that texts have', () => {
    const numbers = pair('c', [1, 2], [1, 2]);
    const words = texts(['a', 'b'], ['a', 'b']);
    expect(isPartOnly(words, [1], 0.5)).toBe(false);
    expect(isPartOnly({ ...numbers, now: words.now }, [1], 0.5)).toBe(false);
    expect(isPartOnly({ ...numbers, before: words.before }, [1], 0.5)).toBe(false);
  });
});
