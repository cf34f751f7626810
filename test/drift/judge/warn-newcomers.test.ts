import { describe, expect, it } from 'vitest';
import type { FeatureDrift } from '../../../src/domain/data/drift.js';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { warnNewcomers } from '../../../src/drift/judge/effects/warn-newcomers.js';
import { compareTables } from '../../../src/drift/judge/judge-table.js';
import { numbers, tableOf, texts, uniforms, windowOf } from './columns.js';

const ROWS = 10_000;

function warnings(before: ColumnProfile, now: ColumnProfile, ignore: readonly string[] = []) {
  const [reference, current] = [tableOf([before]), tableOf([now])];
  const { features } = compareTables(reference, current, { ignore: [], dataBugs: [] });
  return warnNewcomers(reference, current, { ignore, dataset: 'sales', features, warned: [] });
}

const gaps = (count: number): ColumnProfile =>
  numbers(uniforms(ROWS).map((x, i) => (i % (ROWS / 100) < count / 100 ? null : x)));

describe('new gaps', () => {
  it.each([
    [0, 0, 0],
    [0, 100, 1],
    [0, 400, 1],
    [100, 200, 0],
    [100, 300, 1],
    [1000, 1300, 0],
    [400, 0, 0],
  ])('%d rows without a value, then %d: %d warnings', (before, after, count) => {
    expect(warnings(gaps(before), gaps(after))).toHaveLength(count);
  });

  it('are told with their figures and the condition of their rows', () => {
    expect(warnings(gaps(0), gaps(400))[0]).toMatchObject({
      code: 'new-gaps',
      column: 'x',
      dataset: 'sales',
      severity: 'warning',
      rows: 400,
      selects: { kind: 'missing', column: 'x' },
      detail: '4 % of the values are missing, it was 0 %',
      evidence: { before: 0, after: 0.04 },
    });
  });

  it('are a drift where they are many, which needs no warning', () => {
    expect(warnings(gaps(0), gaps(1000))).toEqual([]);
  });
});

describe('new values', () => {
  const values = (fresh: number, known = 20): ColumnProfile =>
    texts({
      ...Object.fromEntries(Array.from({ length: known }, (_, i) => [`v${i}`, (ROWS - fresh) / known])),
      ...Object.fromEntries(Array.from({ length: fresh / 20 }, (_, i) => [`new${i}`, 20])),
    });
  it.each([
    [0, 0],
    [80, 0],
    [100, 1],
    [400, 1],
    [1000, 0],
  ])('in %d rows of 10,000: %d warnings', (fresh, count) => {
    expect(warnings(values(0), values(fresh))).toHaveLength(count);
  });

  it('are told with their share', () => {
    expect(warnings(values(0), values(400))[0]).toMatchObject({
      code: 'new-values',
      rows: 400,
      detail: '4 % of the values are new; 0 % were expected to be',
      evidence: { share: 0.04, expected: 0 },
    });
  });
});

describe('beyond the range of the reference', () => {
  const above = (share: number): readonly number[] =>
    uniforms(ROWS).map((x, i) => (i % 1000 < share * 1000 ? 2 + x : x));
  const reference = numbers(uniforms(ROWS));
  it.each([
    [0, 0],
    [0.009, 0],
    [0.01, 1],
    [0.04, 1],
    [0.1, 0],
  ])('%d of the values: %d warnings', (share, count) => {
    expect(warnings(reference, windowOf(reference, above(share)))).toHaveLength(count);
  });

  it('are told with the range', () => {
    const [warning] = warnings(reference, windowOf(reference, above(0.04)));
    expect(warning).toMatchObject({
      code: 'beyond-range',
      rows: 400,
      detail: '4 % of the values lie outside 0.00005 … 0.99995, the range of the reference',
      selects: { kind: 'outside', column: 'x', lower: 0.00005, upper: 0.99995 },
    });
  });

  it('are by chance where the reference is short', () => {
    const short = numbers(uniforms(100));
    expect(warnings(short, windowOf(short, [...uniforms(98), 2, 3]))).toEqual([]);
    expect(warnings(short, windowOf(short, [...uniforms(196), 2, 3, 4, 5]))).toEqual([]);
  });
});

it('says nothing of columns that are ignored, have too few rows, or have a warning already', () => {
  expect(warnings(gaps(0), gaps(400), ['x'])).toEqual([]);
  const few = numbers([...uniforms(40), null, null]);
  expect(warnings(numbers(uniforms(42)), few)).toEqual([]);
  const [reference, current] = [tableOf([gaps(0)]), tableOf([gaps(400)])];
  const told = warnNewcomers(reference, current, { ignore: [], features: [], warned: [] });
  expect(told).toHaveLength(1);
  expect(warnNewcomers(reference, current, { ignore: [], features: [], warned: told })).toEqual([]);
  const base = { name: 'x', kind: 'numeric', role: 'feature', method: 'ks' } as const;
  const count = (verdict: FeatureDrift['verdict']) =>
    warnNewcomers(reference, current, { ignore: [], features: [{ ...base, verdict }], warned: [] }).length;
  expect((['drift', 'finding', 'unclear', 'stable', 'undecided'] as const).map(count)).toEqual([0, 0, 0, 1, 1]);
});

describe('what chance explains is not told', () => {
  /** Warnings of one column whatever its verdict. */
  const told = (before: ColumnProfile, now: ColumnProfile, features: readonly FeatureDrift[] = []) =>
    warnNewcomers(tableOf([before]), tableOf([now]), { ignore: [], features, warned: [] });
  const codes = (...given: Parameters<typeof told>): readonly string[] => told(...given).map((one) => one.code);
  const holes = (rows: number, missing: number): ColumnProfile =>
    numbers(uniforms(rows).map((x, i) => (i < missing ? null : x)));

  it.each([
    // none of a hundred before: eight of a hundred are one chance in three hundred, twenty-five one in 10⁸
    [100, 0, 100, 8, 0],
    [100, 0, 100, 25, 1],
    // half a percent is too little to tell, however certain
    [10_000, 0, 10_000, 60, 0],
    [10_000, 40, 10_000, 90, 0],
    [10_000, 40, 10_000, 150, 1],
    // fifty rows on either side
    [50, 0, 50, 20, 1],
    [50, 0, 49, 20, 0],
    [49, 0, 50, 20, 0],
    [10_000, 0, 49, 20, 0],
  ])('of %i rows %i without a value, then of %i rows %i: %i warnings', (n, before, m, after, count) => {
    expect(codes(holes(n, before), holes(m, after))).toEqual(new Array(count).fill('new-gaps'));
  });

  const known = (rows: number, singletons: number, fresh: number): Record<string, number> => ({
    a: rows - singletons - fresh,
    ...Object.fromEntries(Array.from({ length: singletons }, (_, i) => [`once${i}`, 1])),
    ...(fresh > 0 ? { new: fresh } : {}),
  });

  it.each([
    [100, 0, 100, 8, 0],
    [100, 0, 100, 30, 1],
    // eighty values that occur once let eight in a thousand new ones be expected
    [10_000, 80, 10_000, 150, 0],
    [10_000, 80, 10_000, 200, 1],
  ])('of %i rows %i values once, then of %i rows %i new: %i warnings', (n, once, m, fresh, count) => {
    expect(codes(texts(known(n, once, 0)), texts(known(m, 0, fresh)))).toEqual(new Array(count).fill('new-values'));
  });

  it('and new values are counted among present rows', () => {
    const [warning] = told(texts(known(10_000, 0, 0)), texts(known(10_000, 0, 400), 90));
    expect(warning).toMatchObject({ rows: 400, evidence: { share: 0.04 } });
  });

  const beyond = (rows: number, outside: number, at = 2): readonly number[] => [
    ...uniforms(rows - outside),
    ...uniforms(outside, at),
  ];

  it('and values beyond the range are judged by the law of extremes', () => {
    const short = numbers(uniforms(100));
    // of a hundred and a hundred: 2⁻ᵏ (1 + k/2), which is 0.0017 for twelve and 0.0009 for thirteen
    expect(codes(short, windowOf(short, beyond(100, 12)))).toEqual([]);
    expect(codes(short, windowOf(short, beyond(100, 13)))).toEqual(['beyond-range']);
    // of a hundred and fifty: (50/150)ᵏ (1 + 100k/150), which is 0.0021 for seven and 0.0010 for eight
    expect(codes(short, windowOf(short, beyond(50, 7)))).toEqual([]);
    expect(codes(short, windowOf(short, beyond(50, 9)))).toEqual(['beyond-range']);
  });

  it('and those below the range count as well', () => {
    const long = numbers(uniforms(10_000));
    expect(told(long, windowOf(long, beyond(1000, 20, -3)))[0]).toMatchObject({ rows: 20, evidence: { share: 0.02 } });
  });

  it('and only present rows count', () => {
    const long = numbers(uniforms(10_000));
    const half = [...beyond(1000, 20), ...new Array<null>(1000).fill(null)];
    expect(told(long, windowOf(long, half)).find((one) => one.code === 'beyond-range')?.evidence.share).toBe(0.02);
    const sparse = numbers([...uniforms(100), ...new Array<null>(5000).fill(null)]);
    expect(codes(sparse, windowOf(sparse, beyond(100, 12)))).toEqual([]);
    const few = (present: number) => windowOf(long, [...beyond(present, 10), ...new Array<null>(10).fill(null)]);
    expect(codes(long, few(50))).toContain('beyond-range');
    expect(codes(long, few(49))).not.toContain('beyond-range');
  });

  it('and a drift of another column hides nothing', () => {
    const drift = { name: 'other', kind: 'numeric', role: 'feature', method: 'ks', verdict: 'drift' } as const;
    expect(codes(gaps(0), gaps(400), [drift])).toEqual(['new-gaps']);
  });
});
