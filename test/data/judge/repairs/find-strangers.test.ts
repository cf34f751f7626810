import { describe, expect, it } from 'vitest';
import { findStrangers, rounded } from '../../../../src/data/judge/repairs/strangers.js';
import { column, pair, type Value } from '../profiles.js';

const repeat = (values: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => values).flat();
const times = (value: number, count: number): number[] => Array.from({ length: count }, () => value);
/** 1, √2, √3 …: on no grid. */
const roots = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sqrt(i + 1));

describe('the strangers of a column', () => {
  const was = repeat(roots(8), 100);

  it('are told with their share, their rows and the range of the others', () => {
    const now: Value[] = [...repeat(roots(8), 7), ...times(5, 30), ...times(2.5, 14), ...times(0, 20).map(() => null)];
    const found = findStrangers(pair('x', was, now));
    expect(found).toMatchObject({ share: 0.44, rows: 44, min: 1, max: Math.sqrt(8) });
    expect(found?.values).toEqual([...times(2.5, 14), ...times(5, 30)]);
    expect(found?.reference).toEqual(was.toSorted((a, b) => a - b));
    expect(found?.known).toEqual(new Set(roots(8).map(rounded)));
  });

  it('are those below the smallest and above the largest value, but not these themselves', () => {
    const found = findStrangers(pair('x', was, times(100, 50)), { isByPlace: true });
    expect([0.99, 1, 2.8, Math.sqrt(8), 2.83].map((value) => found?.is(value))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('are not the same numbers with another last digit', () => {
    const tenths = repeat([0.1, 0.2, 0.3], 100);
    const found = findStrangers(pair('x', tenths, times(100, 50)));
    expect([0.1 + 0.2, 0.3 - 0.2, 0.3001].map((value) => found?.is(value))).toEqual([false, false, true]);
    expect([1.00000000049, 1.0000000051, 123_456_789.4].map(rounded)).toEqual([1, 1.00000001, 123_456_789]);
  });

  it('are none in a column of two values, which is a yes or no', () => {
    const of = (...values: readonly number[]) => findStrangers(pair('x', repeat(values, 500), times(7, 100)));
    expect(of(0, 1)).toBeUndefined();
    expect(of(0, 1, 2)?.rows).toBe(100);
  });

  it('are none in texts', () => {
    expect(findStrangers(pair('x', ['a', 'b', 'c'], times(7, 100)))).toBeUndefined();
    expect(findStrangers(pair('x', was, ['a', 'b', 'c']))).toBeUndefined();
  });

  it('are more than chance has among so many rows', () => {
    // Expected: 1 of 802. Chernoff's bound for k of 800 rows, as −ln p: k·ln(k/800·802) + (800 − k)·ln((800 − k)/800·802/801)
    // gives 11.8 for 9 rows and 14.1 for 10; a million to one is 13.8.
    const with_ = (count: number) => findStrangers(pair('x', was, [...was.slice(count), ...times(9, count)]));
    expect(with_(9)).toBeUndefined();
    expect(with_(10)?.rows).toBe(10);
  });
});

describe('the few values of a column', () => {
  /** So many different values, the first of them in so many more or fewer rows; beside them rows of 1.1, which is new. */
  const judge = (count: number, rows: number) =>
    findStrangers(
      pair('x', [...repeat(roots(count), 4), ...times(1, rows - 4 * count)], [...roots(count), ...times(1.1, 60)]),
    );

  it('are at most six hundred', () => {
    expect(judge(600, 4000)?.rows).toBe(60);
    expect(judge(601, 4000)).toBeUndefined();
  });

  it('have five rows each, on average', () => {
    expect(judge(100, 500)?.rows).toBe(60);
    expect(judge(100, 499)).toBeUndefined();
  });

  it('are at most half of those that its grid has', () => {
    const on = (...values: readonly number[]) =>
      findStrangers(pair('x', repeat(values, 100), [...values, ...times(15, 60)]));
    expect(on(0, 1, 2, 3, 4, 5, 6, 7, 8, 19)?.rows).toBe(60);
    expect(on(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 19)).toBeUndefined();
    // and where they do not begin at zero
    expect(on(100, 101, 102, 103, 104, 105, 106, 107, 108, 119)?.rows).toBe(60);
    expect(on(10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 29)).toBeUndefined();
  });

  it('count only where asked for', () => {
    const one = pair('x', repeat(roots(8), 100), [...roots(8), ...times(1.1, 60)]);
    expect(findStrangers(one)?.known?.size).toBe(8);
    expect(findStrangers(one, { isByPlace: true })).toBeUndefined();
  });

  it('are also those of earlier windows', () => {
    const [was, now] = [repeat(roots(8), 100), [...roots(8), ...times(1.1, 60)]];
    expect(findStrangers(pair('x', was, now, { past: [column('x', [...was, 1.2])] }))?.rows).toBe(60);
    expect(findStrangers(pair('x', was, now, { past: [column('x', [...was, 1.1])] }))).toBeUndefined();
    expect(findStrangers(pair('x', was, now, { past: [column('x', ['a'])] }))?.rows).toBe(60);
  });
});

describe('the grid of a column', () => {
  const wholes = Array.from({ length: 800 }, (_, i) => i % 40);

  it('shows values between its steps, unless earlier windows had them', () => {
    const now = [...wholes, ...times(10.5, 60)];
    expect(findStrangers(pair('x', wholes, now))).toMatchObject({ rows: 60, known: undefined });
    expect(findStrangers(pair('x', wholes, now, { past: [column('x', [0.5])] }))).toBeUndefined();
  });
});

describe('rare values of a column', () => {
  const common = (count: number): number[] => repeat(roots(10), count);
  /** So many values between the common ones, each in so many rows. */
  const rare = (count: number, each: number, from: number): number[] =>
    repeat(
      Array.from({ length: count }, (_, i) => 1.5 + (from + i) / 1000),
      each,
    );
  const find = (was: readonly number[], is: readonly number[], isDistinctEstimate?: true) => {
    const one = pair('x', was, is);
    return findStrangers({ ...one, before: { ...one.before, isDistinctEstimate } });
  };

  it('are expected as often as the reference had values once', () => {
    const was = [...common(90), ...rare(100, 1, 0)];
    expect(find(was, [...common(90), ...rare(100, 1, 200)])).toBeUndefined();
    expect(find(was, [...common(75), ...rare(250, 1, 200)])?.rows).toBe(250);
  });

  it('are as rare where every second row is kept', () => {
    // 50 of the 100 single rows are among 1,001 of 2,000
    const was = [...common(190), ...rare(100, 1, 0)];
    expect(find(was, [...common(95), ...rare(50, 1, 200)])).toBeUndefined();
    expect(find(was, [...common(75), ...rare(250, 1, 200)])?.rows).toBe(250);
  });

  it('are not expected where every value of many rows is kept, as far as they were counted', () => {
    const was = [...common(195), ...rare(25, 2, 0), 1];
    const is = [...common(97), ...rare(30, 1, 200)];
    expect(find(was, is)?.rows).toBe(30);
    expect(find(was, is, true)).toBeUndefined();
  });

  it('do not hide those outside the range', () => {
    const was = [...common(90), ...rare(100, 1, 0)];
    const found = find(was, [...common(92), ...rare(50, 1, 200), ...times(7, 30)]);
    expect(found).toMatchObject({ rows: 30, values: times(7, 30) });
    expect(found?.known?.size).toBe(110);
  });
});
