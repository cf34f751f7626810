import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testExchange } from '../../../../src/data/judge/repairs/swapped-columns.js';
import { column, pair } from '../profiles.js';

const times = (value: number, count: number): number[] => Array.from({ length: count }, () => value);

/** A column of ones and one of twos; so many of a thousand ones are twos now, and others threes. */
const ones = (twos: number, threes = 0, more: Partial<ColumnPast> = {}, rows = 1000): ColumnPast =>
  pair('a', times(1, rows), [...times(1, rows - twos - threes), ...times(2, twos), ...times(3, threes)], more);
const twos = (count: number, rows = 1000): ColumnPast =>
  pair('b', times(2, rows), [...times(2, rows - count), ...times(1, count)]);
const says = (a: ColumnPast, b: ColumnPast): string => testExchange(a, b)?.[0].severity ?? 'nothing';

describe('an exchange in some of the rows', () => {
  it('says how many, and what it explains', () => {
    expect(testExchange(ones(400, 100), twos(420))).toMatchObject([
      {
        code: 'exchanged',
        severity: 'unclear',
        detail: expect.stringMatching(/^it looks like "b" and that like this \(KS 0\.5 falls to 0\.1, there to 0\)/),
        likelyCause: expect.stringContaining('the columns "a" and "b" were exchanged'),
        repair: 'exchange it with "b"',
        rows: 500,
        selects: undefined,
        evidence: { distance: 0.5, with: 'b' },
        readings: [
          { as: 'bug' },
          { as: 'normal', text: '"a" and "b" have changed places in the world, as shares of a market do' },
        ],
      },
      { likelyCause: expect.stringContaining('the columns "b" and "a" were exchanged'), rows: 420 },
    ]);
    const [first] = testExchange(ones(400, 100), twos(420)) ?? [];
    expect(first?.evidence.share).toBeCloseTo(0.5, 9);
    expect(first?.evidence.residual).toBeCloseTo(0.1, 9);
  });

  it('is one of numbers, in both windows of both columns', () => {
    const texts = column('a', ['x', 'y', 'z']);
    expect(says({ ...ones(500), before: texts }, twos(500))).toBe('nothing');
    expect(says({ ...ones(500), now: texts }, twos(500))).toBe('nothing');
    expect(says(twos(500), { ...ones(500), before: texts })).toBe('nothing');
    expect(says(twos(500), { ...ones(500), now: texts })).toBe('nothing');
  });

  it('is one of all rows from 95 % on', () => {
    expect(testExchange(ones(940), twos(940))?.[0].selects).toBeUndefined();
    expect(testExchange(ones(960), twos(960))?.[0].selects).toEqual({ kind: 'present', column: 'a' });
  });

  it('leaves out missing values when it counts rows', () => {
    const with_ = {
      ...ones(500),
      now: column('a', [...times(1, 500), ...times(2, 500), ...times(0, 80).map(() => null)]),
    };
    expect(testExchange(with_, twos(500))?.[0].rows).toBe(500);
  });

  it('needs a drift of more than a tenth in both columns, or more than sampling', () => {
    expect([100, 110].map((count) => says(ones(count), twos(200)))).toEqual(['nothing', 'unclear']);
    expect([100, 110].map((count) => says(ones(200), twos(count)))).toEqual(['nothing', 'unclear']);
    // 1.95 · √(2 / 100) = 0.276
    expect([27, 28].map((count) => says(ones(count, 0, {}, 100), twos(count, 100)))).toEqual(['nothing', 'unclear']);
  });

  it('must agree on the number of rows up to 15 % of them', () => {
    expect([540, 560].map((count) => says(ones(400), twos(count)))).toEqual(['unclear', 'nothing']);
    expect([540, 560].map((count) => says(ones(count), twos(400)))).toEqual(['unclear', 'nothing']);
  });

  it('may leave three tenths of the drift', () => {
    expect(says(ones(360, 140), twos(500))).toBe('unclear');
    expect(says(ones(340, 160), twos(500))).toBe('nothing');
  });

  it('may leave what earlier windows had, up to half of the drift', () => {
    const usual = (count: number) => ({
      past: [1, 2, 3].map(() => column('a', [...times(1, 1000 - count), ...times(2, count)])),
    });
    const left = (threes: number, count: number) => says(ones(500 - threes, threes, usual(count)), twos(500));
    expect([190, 210].map((threes) => left(threes, 200))).toEqual(['unclear', 'nothing']);
    expect([240, 260].map((threes) => left(threes, 400))).toEqual(['unclear', 'nothing']);
    expect([490, 510].map((count) => left(0, count))).toEqual(['unclear', 'nothing']);
  });
});

describe('the decimal grids of exchanged columns', () => {
  const wholes = (count: number): number[] => Array.from({ length: count }, (_, i) => 1 + (i % 10));
  /** Cents, of which this share are whole numbers. */
  const cents = (count: number, whole: number): number[] =>
    Array.from({ length: count }, (_, i) => 200 + (i % 10) + (i < whole * count ? 0 : 0.37));
  const judge = (share: number, whole: number, given = wholes(1000 * share)) => {
    const moved = 1000 * share;
    const coarse = pair('a', wholes(1000), [...wholes(1000 - moved), ...cents(moved, whole)]);
    const fine = pair('b', cents(1000, whole), [...cents(1000 - moved, whole), ...given]);
    const both = [says(coarse, fine), says(fine, coarse)];
    expect(both[0]).toBe(both[1]);
    return both[0];
  };

  it('are exchanged if more than two of a hundred values have left the coarser one', () => {
    // a fifth of the rows, of which 11 or 9 % are no whole numbers: 2.2 and 1.8 %
    expect(judge(0.2, 0.89)).toBe('error');
    expect(judge(0.2, 0.9)).toBe('unclear');
    expect(judge(0.2, 0.91)).toBe('unclear');
  });

  it('differ if less than 95 of a hundred values lie on both', () => {
    expect(judge(1, 0.94)).toBe('error');
    expect(judge(1, 0.95)).toBe('unclear');
    expect(judge(1, 0.96)).toBe('unclear');
  });

  it('are not exchanged if a quarter or less of the values that left the coarser one have come to the finer one', () => {
    const given = (whole: number) => wholes(500).map((value, i) => value + (i < whole * 500 ? 0 : 0.01));
    expect(judge(0.5, 0, given(0.26))).toBe('error');
    expect(judge(0.5, 0, given(0.25))).toBe('unclear');
    expect(judge(0.5, 0, given(0.24))).toBe('unclear');
    // of whom 30 of a hundred have left, and 7.5 must come: 55 of 500 beside the 40 of a hundred that were whole before
    expect(judge(0.5, 0.4, given(0.56))).toBe('error');
    expect(judge(0.5, 0.4, given(0.54))).toBe('unclear');
  });

  it('need not exist in the finer column', () => {
    const roots = Array.from({ length: 1000 }, (_, i) => 200 + Math.sqrt(2 + (i % 10)));
    expect(says(pair('a', wholes(1000), roots), pair('b', roots, wholes(1000)))).toBe('error');
    expect(says(pair('b', roots, wholes(1000)), pair('a', wholes(1000), roots))).toBe('error');
  });

  it('say nothing if they are the same', () => {
    const more = wholes(1000).map((value) => 200 + value);
    expect(says(pair('a', wholes(1000), more), pair('b', more, wholes(1000)))).toBe('unclear');
  });
});

describe('a third column beside an exchange of half of the rows', () => {
  const N = 1000;
  const at = (i: number, by: number): number => (i * by) % 1;
  const [low, high] = [
    Array.from({ length: N }, (_, i) => at(i, 0.7548776662466927)),
    Array.from({ length: N }, (_, i) => 2 + at(i, 0.5698402909980532)),
  ];
  const mixed = (own: readonly number[], other: readonly number[], by: number) =>
    own.map((value, i) => (at(i, by) < 0.5 ? (other[i] ?? 0) : value));
  /** Follows the order of these values, whatever they are. */
  const along = (values: readonly number[]): number[] => {
    const rank = new Map(values.toSorted((a, b) => a - b).map((value, i) => [value, i / N]));
    return values.map((value, i) => (rank.get(value) ?? 0) + 0.1 * at(i, Math.SQRT2));
  };
  const judge = (third: readonly number[], { b = mixed(high, low, BY), names = ['a', 'b', 'c'] } = {}) => {
    const sample = (columns: Readonly<Record<string, readonly number[]>>) =>
      new Map(Object.entries(columns).filter(([name]) => names.includes(name)));
    const rows = {
      reference: sample({ a: low, b: high, c: along(low) }),
      current: sample({ a: delivered, b, c: along(third) }),
    };
    return says(pair('a', low, delivered, { rows }), pair('b', high, b, { rows }));
  };
  const BY = 0.8191725133961645;
  const delivered = mixed(low, high, BY);

  it('goes with the right values if they were exchanged', () => {
    expect(judge(low)).toBe('error');
  });

  it('goes with the delivered ones if both have changed in the world', () => {
    expect(judge(delivered, { b: mixed(high, low, 0.6710436067037893) })).toBe('nothing');
  });

  it('says nothing without the rows of both columns', () => {
    for (const names of [
      ['a', 'c'],
      ['b', 'c'],
      ['a', 'b'],
    ])
      expect(judge(low, { names })).toBe('unclear');
  });
});
