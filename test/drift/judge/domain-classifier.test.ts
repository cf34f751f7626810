import { describe, expect, it } from 'vitest';
import { type SampledColumn, separate } from '../../../src/drift/judge/domain-classifier.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';
import { normalTail } from '../../../src/statistics/special-functions.js';

function columns(
  seed: number,
  rows: number,
  move: (column: number, value: number) => number | null,
): readonly SampledColumn[] {
  const normal = seededNormal(seed);
  const random = seededRandom(seed);
  const numbers = Array.from({ length: 5 }, (_, k) => ({
    name: `x${k}`,
    reference: Array.from({ length: rows }, normal),
    current: Array.from({ length: rows }, () => move(k, normal())),
  }));
  const letters = () => Array.from({ length: rows }, () => 'abcd'[Math.floor(random() * 4)] ?? '');
  return [...numbers, { name: 'letter', reference: letters(), current: letters() }];
}

describe('the domain classifier', () => {
  it('does not separate windows without a change', () => {
    const found = Array.from({ length: 20 }, (_, i) => separate(columns(i + 1, 400, (_, value) => value)));
    expect(found.filter((one) => (one?.auc ?? 1) > (one?.threshold ?? 0))).toEqual([]);
    const mean = found.reduce((sum, one) => sum + (one?.auc ?? 0), 0) / 20;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
  });

  it.each([
    ['a shift', (value: number) => value + 0.8],
    ['a wider spread', (value: number) => value * 2.5],
    ['missing values', (value: number) => (value > 0.5 ? null : value)],
    ['one wild value among a shift', (value: number) => (value > 3 ? 1e300 : value + 0.8)],
  ])('finds %s, and names the column', (_, move) => {
    const found = separate(columns(3, 800, (k, value) => (k === 2 ? move(value) : value)));
    expect(found?.auc).toBeGreaterThan(found?.threshold ?? 1);
    expect(found?.columns[0]?.name).toBe('x2');
    expect(found?.pValue).toBeLessThan(0.001);
  });

  it('names the rows that moved', () => {
    const rows = separate(columns(4, 800, (k, value) => (k === 0 && value > 1 ? value + 5 : value)));
    const moved = columns(4, 800, (k, value) => (k === 0 && value > 1 ? value + 5 : value))[0]?.current ?? [];
    const named = (rows?.rows ?? []).slice(0, 10).map((row) => Number(moved[row]));
    expect(named).toHaveLength(10);
    expect(Math.min(...named)).toBeGreaterThan(5);
  });

  it('gives no result for too few rows', () => {
    expect(separate(columns(5, 40, (_, value) => value))).toBeUndefined();
  });
});

type Value = number | string | null;
const rowsOf = (count: number, value: (i: number) => Value): readonly Value[] =>
  Array.from({ length: count }, (_, i) => value(i));
/** One column of so many rows in each window. */
const column = (rows: number, before: (i: number) => Value, now: (i: number) => Value, name = 'x'): SampledColumn => ({
  ...{ name, reference: rowsOf(rows, before), current: rowsOf(rows, now) },
});
const aucOf = (...given: readonly SampledColumn[]): number => separate(given)?.auc ?? Number.NaN;

// Expected figures: the same definitions in numpy, with the same folds.
it('finds what boosted stumps by definition find: the AUC, the share of each column and the rows', () => {
  /** Numbers spread evenly over [0, 1) in an order that looks random (Weyl's sequence): three independent ones. */
  const spread = (step: number) => (i: number) => (i * step) % 1;
  const [u, v, w] = [spread(0.618033988749895), spread(0.7548776662466927), spread(0.5698402909980532)];
  const letter = (at: number): string => 'abcdefghijklmnopqrst'[Math.floor(20 * at)] ?? '';
  const tenths = (i: number, gaps: number): Value => (w(i) < gaps ? null : Math.floor(10 * w(i)));
  const found = separate([
    { name: 'x', reference: rowsOf(400, u), current: rowsOf(300, (i) => u(i) ** 1.5) },
    {
      name: 'y',
      reference: rowsOf(400, (i) => letter(v(i) ** 2)),
      current: rowsOf(300, (i) => (v(i) < 0.05 ? null : letter(v(i) ** 1.5))),
    },
    { name: 'z', reference: rowsOf(400, (i) => tenths(i, 0.1)), current: rowsOf(300, (i) => tenths(i, 0.2)) },
  ]);
  expect(found?.auc).toBeCloseTo(0.6649022885892075, 9);
  expect(found?.columns.map((one) => one.name)).toEqual(['z', 'y', 'x']);
  const shares = [0.37995359459744976, 0.35299225556038194, 0.2670541498421683];
  for (const [i, share] of shares.entries()) expect(found?.columns[i]?.share).toBeCloseTo(share, 9);
  expect(found?.rows).toEqual([
    0, 212, 106, 208, 57, 265, 261, 159, 61, 155, 8, 102, 246, 4, 53, 163, 257, 251, 110, 209,
  ]);
  const sd = Math.sqrt(701 / (12 * 400 * 300));
  expect(found?.threshold).toBeCloseTo(0.5 + 3.09 * sd, 12);
  expect(found?.pValue).toBeCloseTo(normalTail((0.6649022885892075 - 0.5) / sd), 12);
});

describe('windows that one column tells apart', () => {
  const apart: readonly (readonly [string, Value, Value])[] = [
    ['numbers', 1, 2],
    ['texts', 'a', 'b'],
    ['a number and a gap', 0, null],
    ['a text and a gap', 'a', null],
    ['a number and none that is finite', 0, Number.NaN],
  ];
  it.each(apart)('by %s have an AUC of 1, and that column all of the share', (_, before, now) => {
    const still = column(
      60,
      () => 5,
      () => 5,
      'still',
    );
    const moved = column(
      60,
      () => before,
      () => now,
      'moved',
    );
    const found = separate([still, moved]);
    expect(found?.auc).toBe(1);
    expect(found?.columns).toEqual([
      { name: 'moved', share: 1 },
      { name: 'still', share: 0 },
    ]);
    expect(found?.rows).toHaveLength(20);
  });

  it.each<readonly [string, Value, Value]>([
    ['nothing', 7, 7],
    ['a gap and a number that is not finite', null, Number.POSITIVE_INFINITY],
    ['a number and the same as text', '1', 1],
  ])('by %s have an AUC of one half, and no column a share', (_, before, now) => {
    const found = separate([
      column(
        60,
        (i) => (i === 0 && typeof before === 'string' ? '1' : before),
        () => now,
      ),
    ]);
    expect(found).toMatchObject({ auc: 0.5, pValue: 0.5, columns: [{ name: 'x', share: 0 }] });
  });

  it('are told apart in sixteen parts of the same number of rows, and not within such a part', () => {
    // 1,600 numbers, each once: a hundred in each part; the windows change places every hundred
    const places = (offset: number) => {
      const isCurrent = (x: number) => Math.floor((x + offset) / 100) % 2 === 1;
      const all = Array.from({ length: 1600 }, (_, x) => x);
      const [reference, current] = [all.filter((x) => !isCurrent(x)), all.filter(isCurrent)];
      return aucOf({ name: 'x', reference, current });
    };
    expect(places(0)).toBe(1);
    expect(places(50)).toBeLessThan(0.55);
  });

  it('are told apart by fifteen frequent texts, and not by rarer ones', () => {
    // x is only in the reference, y only in the current rows; 75 each, fewer than the 80 of each frequent one
    const text = (frequent: number, own: string) => (i: number) => (i < 40 * frequent ? `v${i % frequent}` : own);
    const rare = (frequent: number) => aucOf(column(40 * frequent + 75, text(frequent, 'x'), text(frequent, 'y')));
    expect(rare(15)).toBeLessThan(0.55);
    // with fourteen frequent ones x is the fifteenth
    expect(rare(14)).toBeGreaterThan(0.55);
  });
});

describe('the limit of an AUC', () => {
  const limit = (rows: number, others = rows, zLimit?: number) =>
    separate([{ name: 'x', reference: rowsOf(rows, () => 1), current: rowsOf(others, () => 1) }], zLimit)?.threshold;

  it('is 3.09 deviations above one half, and 0.55 at least', () => {
    expect(limit(50)).toBeCloseTo(0.5 + 3.09 * Math.sqrt(101 / (12 * 2500)), 12);
    expect(limit(100, 300)).toBeCloseTo(0.5 + 3.09 * Math.sqrt(401 / (12 * 30_000)), 12);
    expect(limit(100, 100, 2)).toBeCloseTo(0.5 + 2 * Math.sqrt(201 / (12 * 10_000)), 12);
    // 3.09 · √(2 / (12 n)) is 0.05 at 636 rows
    expect(limit(630)).toBeGreaterThan(0.55);
    expect(limit(645)).toBe(0.55);
  });

  it('needs a column, and fifty rows of each window', () => {
    expect(separate([])).toBeUndefined();
    expect(limit(49, 100)).toBeUndefined();
    expect(limit(100, 49)).toBeUndefined();
    expect(limit(50, 100)).toBeDefined();
  });
});
