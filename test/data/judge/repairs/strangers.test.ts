import { describe, expect, it } from 'vitest';
import { testStrangers } from '../../../../src/data/judge/repairs/part-repair.js';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { pair, uniforms } from '../profiles.js';

const N = 1000;

/** Evenly from 100 to 200, on no grid. */
const even = (): number[] => Array.from({ length: N }, (_, i) => 100 + 100 * ((i * 0.6180339887498949) % 1));

/** The same with so many rows changed. */
const some = (count: number, change: (value: number) => number, values = even()): number[] =>
  values.map((value, i) => (i < count ? change(value) : value));

const thousandfold = (value: number): number => 1000 * value;
const judge = (is: readonly number[], was = even(), name = 'x') => testStrangers(pair(name, was, is));
const says = (...input: Parameters<typeof judge>): string => {
  const found = judge(...input);
  return found === undefined ? 'nothing' : `${found.severity} ${found.repair}`;
};

describe('values that the column never had, and has when repaired', () => {
  it('are a fault, with their share and where they lie', () => {
    const [was, is] = [even(), some(300, thousandfold)];
    expect(judge(is, was)).toEqual({
      code: 'scaled',
      severity: 'error',
      detail: '30 % of the values are none that the column ever had, and are such when repaired: divide by 1000',
      likelyCause: 'values 1000 times too large: another unit or a lost decimal point',
      repair: 'divide by 1000',
      rows: 300,
      selects: { kind: 'outside', column: 'x', lower: Math.min(...was), upper: Math.max(...was) },
      evidence: { share: 0.3, factor: 1 / 1000 },
    });
  });

  it('are all rows from 95 % on', () => {
    expect(judge(some(950, thousandfold))?.selects?.kind).toBe('outside');
    expect(judge(some(951, thousandfold))?.selects).toEqual({ kind: 'present', column: 'x' });
  });

  it('need ten rows', () => {
    const was = Array.from({ length: 20 }, even).flat();
    expect(says(some(9, thousandfold), was)).toBe('nothing');
    expect(says(some(10, thousandfold), was)).toMatch('divide by 1000');
  });

  it('need four different values', () => {
    const list = (count: number) => (value: number) =>
      1000 * (100 + (100 * (Math.floor((value - 100) / (100 / count)) + 0.5)) / count);
    expect(says(some(30, list(3)))).toBe('nothing');
    expect(says(some(30, list(4)))).toMatch('divide by 1000');
  });

  it('need a repair for nine of ten', () => {
    const besides = (others: number) =>
      some(100, thousandfold).map((value, i) => (i < others ? 1e9 + i * Math.PI : value));
    expect(says(besides(10))).toMatch('divide by 1000');
    expect(says(besides(11))).toBe('nothing');
  });

  it('may be other things where only they themselves say so', () => {
    const found = judge(
      some(300, (value) => 1.609344 * value),
      even(),
      'distance',
    );
    expect(found).toMatchObject({ severity: 'unclear', repair: 'divide by 1.609344 (kilometres to miles)' });
    expect(found?.readings?.[1]?.text).toMatch(
      /^about 2\d\.?\d* % of the rows are of another kind than before: new goods, customers or places$/,
    );
  });

  it('are settled by the relation to another column', () => {
    const was = even();
    const is = some(300, (value) => 1.609344 * value);
    const rows = (other: readonly number[]) => ({
      reference: new Map([
        ['distance', was],
        ['fuel', was.map((value, i) => value + (i % 7))],
      ]),
      current: new Map([
        ['distance', is],
        ['fuel', other.map((value, i) => value + (i % 7))],
      ]),
    });
    const settled = (other: readonly number[]) =>
      testStrangers(pair('distance', was, is, { rows: rows(other) }))?.severity;
    expect(settled(was)).toBe('error');
    expect(settled(is)).toBeUndefined();
  });

  it('are mirrored values of a net, which a loss can be, and of a size, which it cannot', () => {
    const was = even();
    const of = (name: string, rows: number): string | undefined => {
      const is = some(rows, (value) => -value);
      const evidence = {
        reference: new Map([
          [name, was],
          ['fee', was.map((value, i) => value + (i % 7))],
        ]),
        current: new Map([
          [name, is],
          ['fee', was.map((value, i) => value + (i % 7))],
        ]),
      };
      return testStrangers(pair(name, was, is, { rows: evidence }))?.severity;
    };
    expect(of('weight', 1000)).toBe('error');
    expect(of('net', 1000)).toBe('unclear');
    // in a part of the rows the name says no more
    expect(of('net', 300)).toBe(of('weight', 300));
    expect(of('net', 300)).toBeDefined();
  });
});

describe('the grid of values that the column never had', () => {
  const cents = (values: readonly number[]): number[] => values.map((value) => Math.round(100 * value) / 100);
  const lost = (value: number): number => Math.round(100 * value);

  it('shows a lost decimal point, also where a few kinds of rows have it', () => {
    const was = cents(even());
    expect(says(some(300, lost, cents(even())), was)).toBe('error divide by 100');
    // from the upper 75 or 65 % of the values
    const from = (low: number) => some(300, (value) => lost(low + ((value - 100) * (200 - low)) / 100), cents(even()));
    expect(says(from(125), was)).toBe('error divide by 100');
    expect(says(from(135), was)).toBe('nothing');
  });

  it('shows values that have grown, and kept their cents', () => {
    const grown = cents(even().map((value, i) => (i < 300 ? 100 * value : value)));
    expect(says(grown, cents(even()))).toBe('nothing');
  });

  it('may be that of packs', () => {
    const wholes = even().map(Math.round);
    expect(
      says(
        some(300, (value) => 12 * value, wholes),
        wholes,
      ),
    ).toMatch(/^unclear/);
  });
});

describe('a column of few values', () => {
  const list = Array.from({ length: 12 }, (_, i) => 10 * Math.exp(i / 5.5));
  const listed = (change: (value: number, i: number) => number = (value) => value, count = 300): number[] =>
    Array.from({ length: N }, (_, i) => {
      const value = list[(i * 7) % 12] ?? 0;
      return i < count ? change(value, (i * 7) % 12) : value;
    });

  it('has a fault where the repaired values are those', () => {
    expect(
      says(
        listed((value) => 1.609344 * value),
        listed(),
        'distance',
      ),
    ).toBe('error divide by 1.609344 (kilometres to miles)');
    expect(
      says(
        listed((value) => 1.7 * value),
        listed(),
        'distance',
      ),
    ).not.toMatch('error');
  });

  it('has no fault where its values have turned their sign, as a refund does', () => {
    expect(
      says(
        listed((value) => -value),
        listed(),
      ),
    ).not.toMatch('error');
  });
});

describe('a column of round amounts, of which some are rare', () => {
  const amounts = [0, 1, 2, 3, 4, 5].flatMap((power) =>
    [1, 1.2, 1.5, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 7.5, 8, 9, 9.9].map(
      (one) => Math.round(one * 10 ** power * 10) / 10,
    ),
  );
  /** Each as often as 1 / place ^ 1.3. */
  const drawn = (seed: number, values: readonly number[]): number[] => {
    const ends: number[] = [];
    for (const i of values.keys()) ends.push((ends.at(-1) ?? 0) + (i + 1) ** -1.3);
    return uniforms(seed, 2 * N).map((at) => values[ends.findIndex((end) => end > at * (ends.at(-1) ?? 1))] ?? 0);
  };

  it('has no fault where others of them are new by chance', () => {
    for (const seed of [30, 63, 97, 124]) {
      const order = uniforms(seed, amounts.length);
      const values = [...amounts.keys()].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0)).map((i) => amounts[i] ?? 0);
      expect(says(drawn(seed + 100, values), drawn(seed + 200, values))).toBe('nothing');
    }
  });
});

describe('a part of the rows as a mixture', () => {
  it('says how large it is, and how well it fits', () => {
    const is = even().map((value, i) => (i % 10 < 3 ? 1000 * value : value));
    const found = testRepairs(pair('x', even(), is));
    expect(found).toMatchObject({
      code: 'scaled',
      severity: 'error',
      likelyCause: 'values 1000 times too large: another unit or a lost decimal point',
      repair: 'divide by 1000',
      evidence: { factor: 1 / 1000 },
    });
    expect(found?.rows).toBeGreaterThan(290);
    expect(found?.rows).toBeLessThan(310);
    expect(found?.detail).toMatch(
      /^about (29|30)(\.\d+)? % of the values, but not the others, fit when repaired \(KS 0\.3 falls to 0\.0\d+\): divide by 1000$/,
    );
  });

  it('has the other reading of another kind of rows', () => {
    const is = even().map((value, i) => (i % 10 < 3 ? value / 2.54 : value));
    expect(testRepairs(pair('height', even(), is))?.readings?.[1]?.text).toMatch(
      /^about (29|30)(\.\d+)? % of the rows are of another kind than before: new goods, customers or places$/,
    );
  });
});
