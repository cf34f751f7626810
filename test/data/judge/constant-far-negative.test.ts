import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../src/data/judge/past.js';
import { pointRules } from '../../../src/data/judge/point-rules.js';
import { column, type Value } from './profiles.js';

const N = 1000;
/** Different values spread evenly between two ends, in mixed order; the ends are among them. */
const even = (from: number, to: number, count = N): number[] =>
  Array.from({ length: count }, (_, i) =>
    i < 2 ? [from, to][i] : from + (to - from) * ((i * 0.618033988749895) % 1),
  ) as number[];
const first = (values: readonly Value[], count: number, by: (i: number) => Value): Value[] =>
  values.map((value, i) => (i < count ? by(i) : value));
const all = (value: Value, count = N): Value[] => Array.from({ length: count }, () => value);
const judge = (was: readonly Value[], is: readonly Value[], more: Partial<ColumnPast> = {}, name = 'x') =>
  pointRules({ before: column(name, was), now: column(name, is), past: [], ...more })[0];
const says = (...given: Parameters<typeof judge>): string => {
  const fault = judge(...given);
  return fault === undefined ? 'nothing' : `${fault.severity} ${fault.code}`;
};

describe('a column that became constant', () => {
  it('says the value, how many there were, and which rows', () => {
    expect(judge(even(0, 100), all(7.25))).toMatchObject({
      code: 'constant',
      detail: expect.stringMatching(/^every value is 7\.25; the reference has 1,?000 different ones$/),
      rows: N,
      selects: { kind: 'present', column: 'x' },
      likelyCause: 'a sensor or a join that stopped: a default in every row',
      evidence: { value: 7.25, before: 0, after: 1 },
    });
    expect(judge(even(0, 100), all(1 / 3))?.detail).toMatch(/^every value is 0\.333333;/);
  });

  it.each([
    // one rate for all, or nothing to pay
    ['shipping', 0, 'unclear constant'],
    ['shipping', 4.9, 'unclear constant'],
    ['ticket_fare', 9, 'unclear constant'],
    ['price', 19.9, 'unclear constant'],
    ['rent', 700, 'unclear constant'],
    ['premium', 99, 'unclear constant'],
    // defaults and codes, whatever the name
    ['fee', -1, 'error constant'],
    ['tax', -37.12, 'error constant'],
    ['shipping', 999, 'error constant'],
    ['shipping', 9999, 'error constant'],
    ['price', 999.99, 'error constant'],
    // sums of what many have paid
    ['revenue', 37.12, 'error constant'],
    ['income', 1200, 'error constant'],
    // not even a sale gives everything away, and what is measured or counted is not set by a rule
    ['price', 0, 'error constant'],
    ['price', -5, 'error constant'],
    ['temperature', 7.3, 'error constant'],
    ['visits', 0, 'error constant'],
    ['x', 19.9, 'error constant'],
  ])('%s of %f in all rows: %s', (name, value, verdict) => {
    expect(says(even(1, 100), all(value), {}, name)).toBe(verdict);
  });

  it('is a fault where each row had an id of its own, unless the id is a known one', () => {
    const ids = Array.from({ length: 500 }, (_, i) => `u${i}`);
    expect(says(ids, all('u500'))).toBe('error constant');
    expect(says(ids, all('u7'))).toBe('unclear constant');
    // half of the rows have one that occurs once
    expect(says([...ids, ...all('both', 500)], all('u500'))).toBe('nothing');
    expect(says([...ids, ...all('both', 499)], all('u500'))).toBe('error constant');
  });

  const texts = (web: number) => Array.from({ length: N }, (_, i) => (i < web ? 'web' : ['app', 'phone'][i % 2]) ?? '');

  it('may be a text that had a share of the rows, in the reference or in an earlier window', () => {
    expect(says(texts(300), all('web'))).toBe('unclear constant');
    expect(says(texts(0), all('web'), { past: [column('x', texts(300))] })).toBe('nothing');
    const three = ['app', 'phone', 'post'];
    const without = Array.from({ length: N }, (_, i) => three[i % 3] ?? '');
    expect(says(without, all('web'))).toBe('nothing');
    expect(says(without, all('web'), { past: [column('x', texts(300))] })).toBe('unclear constant');
    // as often as in most rows of the reference: ten rows of it are chance
    expect(says(texts(700), all('web', 10))).toBe('nothing');
    expect(judge(texts(300), all('web'))?.readings?.[1]?.text).toBe('only rows with web have come');
    expect(judge(texts(300), all('web'))?.detail).toMatch(/^every value is web;/);
    // also one that few rows had
    expect(says(texts(30), all('web'))).toBe('unclear constant');
  });

  it('may be one rate for all, with the reading that belongs to it', () => {
    const world = (value: number) => judge(even(1, 100), all(value), {}, 'shipping')?.readings?.[1]?.text;
    expect([0, 4.9].map(world)).toEqual(['it is free for everybody', 'everybody has the same rate now']);
  });

  it('has up to twenty codes, of which one may be all that came', () => {
    const codes = (kinds: number) => Array.from({ length: N }, (_, i) => 1 + (i % kinds));
    expect(says(codes(20), all(3))).toBe('unclear constant');
    expect(says(codes(21), all(3))).toBe('error constant');
    expect(says(codes(20), all(30))).toBe('nothing');
    expect(says(codes(21), all(30))).toBe('error constant');
    const halves = codes(20).map((code) => code + 0.5);
    expect(says(halves, all(3.5))).toBe('unclear constant');
    expect(says(halves, all(30.5))).toBe('error constant');
    expect(
      says(
        codes(25).map((code) => code + 0.5),
        all(3.5),
      ),
    ).toBe('error constant');
  });

  it('is explained by another column that fixes it', () => {
    const kind = Array.from({ length: N }, (_, i) => (i % 10 === 0 ? 'flat' : 'house'));
    const floors = kind.map((one, i) => (one === 'flat' ? 1 : 2 + (i % 40)));
    const rows = {
      reference: new Map<string, readonly Value[]>([
        ['kind', kind],
        ['x', floors],
      ]),
      current: new Map<string, readonly Value[]>([
        ['kind', all('flat')],
        ['x', all(1)],
      ]),
    };
    expect(says(floors, all(1))).toBe('unclear constant');
    expect(says(floors, all(1), { rows })).toBe('nothing');
    expect(says(floors, all(1), { rows, suspects: new Set(['kind']) })).toBe('unclear constant');
    // as many houses as before do not explain it
    const same = { ...rows, current: new Map<string, readonly Value[]>([...rows.current, ['kind', kind]]) };
    expect(says(floors, all(1), { rows: same })).toBe('unclear constant');
  });
});

describe('values far outside', () => {
  const was = even(0, 100);
  /** Far values in a window of the same range. */
  const far = (count: number, at: (i: number) => number = (i) => 500 + i) => first(even(0, 100), count, at);

  it.each([
    ['three ranges beyond', far(40, (i) => 400 - i / 1e3), 'nothing'],
    ['exactly three', far(40, () => 400), 'nothing'],
    ['farther', far(40, (i) => 400.1 + i / 1e3), 'unclear far-outside'],
    ['three ranges below', far(40, (i) => -300 - i / 1e3), 'unclear far-outside'],
    ['not as far below', far(40, (i) => -299 - i / 1e3), 'unclear negative'],
    ['a hundred ranges beyond', far(40, (i) => 10_101 + i), 'error far-outside'],
    ['not as far', far(40, (i) => 10_000 + i), 'unclear far-outside'],
    ['five absurd ones', far(5, (i) => 20_000 + i), 'error far-outside'],
    ['four absurd ones and many far ones', far(40, (i) => (i < 4 ? 20_000 : 500) + i), 'unclear far-outside'],
    ['half of the rows absurd', far(500, (i) => 20_000 + i), 'unclear far-outside'],
    ['fewer', far(499, (i) => 20_000 + i), 'error far-outside'],
    ['four of them', far(4), 'nothing'],
    ['five of them', far(5), 'unclear far-outside'],
  ])('%s', (_, is, expected) => {
    expect(says(was, is)).toBe(expected);
  });

  it('are none exactly three ranges below', () => {
    const high = even(1000, 1100);
    const below = (by: number) =>
      says(
        high,
        first(high, 40, () => 1000 - by),
      );
    expect([300, 301].map(below)).toEqual(['nothing', 'unclear far-outside']);
  });

  it('may be of another unit, a code, or another kind of rows', () => {
    expect(judge(was, far(40))?.readings).toEqual([
      { as: 'bug', text: 'another unit, or a code for "missing"' },
      { as: 'normal', text: 'rows of another size have come: new customers, goods or events' },
    ]);
  });

  it('have a gap before them', () => {
    // between a half and three ranges beyond: a fifth as many as far ones
    const tail = (near: number) => first(even(0, 100), 50 + near, (i) => (i < 50 ? 500 : 200) + i);
    expect(says(was, tail(10))).toBe('unclear far-outside');
    expect(says(was, tail(11))).toBe('nothing');
    // within half a range beyond
    expect(
      says(
        was,
        first(even(0, 100), 70, (i) => (i < 50 ? 500 + i : 120 + i / 10)),
      ),
    ).toBe('unclear far-outside');
  });

  it('are two in a thousand', () => {
    const many = even(0, 100, 5000);
    expect(
      says(
        was,
        first(many, 9, (i) => 500 + i),
      ),
    ).toBe('nothing');
    expect(
      says(
        was,
        first(many, 20, (i) => 500 + i),
      ),
    ).toBe('unclear far-outside');
  });

  it('are none where the reference has one or two values, or the window one of few', () => {
    expect(
      says(
        Array.from({ length: N }, (_, i) => i % 2),
        far(40),
      ),
    ).toBe('nothing');
    expect(
      says(
        Array.from({ length: N }, (_, i) => i % 3),
        far(40),
      ),
    ).toBe('unclear far-outside');
    const months = Array.from({ length: N }, (_, i) => 1 + (i % 20));
    expect(says(months, all(500))).toBe('nothing');
    expect(says(['a', 'b', 'c'], far(40))).toBe('nothing');
  });

  it('says where they are', () => {
    expect(judge(was, far(40))).toMatchObject({
      detail: expect.stringMatching(/^4 % of the values lie farther from 0 … 100 than 3 times that range/),
      rows: 40,
      selects: { kind: 'outside', column: 'x', lower: -300, upper: 400 },
      evidence: { share: 0.04, lowest: expect.closeTo(0, 0), highest: 539 },
    });
  });
});

describe('negative values', () => {
  /** A size from zero on, or a quantity that never comes near zero. */
  const sizes = even(0, 100);
  const heavy = even(50, 100);
  const mirrored = (values: readonly number[], count: number, by = (value: number) => -value) =>
    values.map((value, i) => (i >= 2 && i < count + 2 ? by(value) : value));

  it('are a fault if they mirror the others', () => {
    expect(judge(sizes, mirrored(sizes, 300))).toMatchObject({
      severity: 'error',
      code: 'negative',
      detail: '30 % of the values are negative; the reference has none',
      rows: 300,
      selects: { kind: 'outside', column: 'x', lower: 0 },
      likelyCause: 'a flipped sign',
      repair: 'change the sign of the negative values',
      evidence: { before: 0, after: 0.3 },
    });
  });

  it('are unclear at most if they are other values: a size ends at zero', () => {
    // 1.95 · √(1/300 + 1/1000) = 0.128: their distance from the others may be as large
    const moved = (by: number, was = heavy) =>
      says(
        was,
        mirrored(was, 300, (value) => -value - by),
      );
    expect(moved(5)).toBe('error negative');
    expect(moved(8)).toBe('unclear negative');
    const fallen = judge(
      heavy,
      mirrored(heavy, 300, (value) => -value - 8),
    );
    expect(fallen?.readings?.[1]?.text).toBe('the values have fallen below zero');
    expect(moved(13)).toBe('unclear negative');
    expect(moved(17)).toBe('nothing');
    expect(moved(25, sizes)).toBe('error negative');
    expect(moved(35, sizes)).toBe('unclear negative');
  });

  it('are a fault if nearly all values of a size are negative, whatever they are', () => {
    const all = (share: number) =>
      says(
        sizes,
        mirrored(sizes, share * N - 2, (value) => -value / 3 - 1).map((v, i) => (i < 2 ? -1 - i : v)),
      );
    expect(all(0.95)).toBe('error negative');
    expect(all(0.949)).toBe('unclear negative');
    const most = says(
      heavy,
      mirrored(heavy, 960, (value) => -value / 3 - 1),
    );
    expect(most).toBe('nothing');
  });

  it('are unclear where the quantity has values on both sides of zero, unless a part of them is exactly mirrored', () => {
    const fallen = (name: string) =>
      says(
        sizes,
        sizes.map((value) => -value / 3 - 1),
        {},
        name,
      );
    const nearly = (name: string) =>
      says(
        sizes,
        sizes.map((value) => -value - 20),
        {},
        name,
      );
    const exact = (name: string) =>
      says(
        sizes,
        sizes.map((value) => -value),
        {},
        name,
      );
    const some = (name: string) =>
      says(
        sizes,
        sizes.map((value, i) => (i % 3 === 0 ? -value : value)),
        {},
        name,
      );
    const all = (name: string) => [fallen(name), nearly(name), exact(name)];
    for (const name of ['temperature', 'longitude', 'net_flow', 'interest_rate']) {
      expect(all(name)).toEqual(['unclear negative', 'unclear negative', 'unclear negative']);
      expect(some(name)).toBe('error negative');
    }
    for (const name of ['x', 'weight', 'count'])
      expect(all(name)).toEqual(['error negative', 'error negative', 'error negative']);
  });

  it('end at zero if the smallest is at most 0.15 of the middle one', () => {
    const from = (least: number) => {
      const values = even(least, 100 - least);
      return says(
        values,
        mirrored(values, 300, (value) => -value - 0.2 * (100 - 2 * least)),
      );
    };
    expect(from(7)).toBe('error negative');
    expect(from(8)).toBe('unclear negative');
  });

  it('need five rows, two in a thousand, and a reference with positive ones', () => {
    expect(says(even(0.5, 100), mirrored(even(0.5, 100), 4))).toBe('nothing');
    const many = even(0.5, 100, 5000);
    expect(says(many, mirrored(many, 9))).toBe('nothing');
    expect(says(many, mirrored(many, 20))).toBe('error negative');
    expect(
      says(
        all(0).map((_, i) => (i % 3 === 0 ? null : 0)),
        even(-1, 0),
      ),
    ).toBe('nothing');
    expect(says(sizes, mirrored(sizes, 300), { past: [column('x', [1, 2]), column('x', ['a'])] })).toBe(
      'error negative',
    );
    expect(says(sizes, mirrored(sizes, 300), { past: [column('x', [1, -2])] })).toBe('nothing');
  });

  it('are two in a thousand of a long window', () => {
    const window = even(0.5, 100, 5000);
    const before = { ...column('x', even(0.5, 100)), rows: 1_000_000 };
    const of = (count: number) => says([], mirrored(window, count), { before });
    expect([9, 10].map(of)).toEqual(['nothing', 'error negative']);
  });

  it('mirror the positive ones: zeros have no sign', () => {
    const half = heavy.map((value, i) => (i % 5 < 2 ? 0 : value));
    expect(
      says(
        half,
        half.map((value, i) => (i >= 600 ? -value : value)),
      ),
    ).toBe('error negative');
  });

  it('of which the two lowest are equal are not one value', () => {
    const is = mirrored(sizes, 300).map((value, i) => (i === 2 || i === 3 ? -100 : value));
    expect(judge(sizes, is)?.likelyCause).toBe('a flipped sign');
  });

  it('that are one value beside zeros are a code, too', () => {
    const is = sizes.map((value, i) => (i < 12 ? -7 : i < 60 ? 0 : value));
    expect(judge(sizes, is)?.repair).toBe('read -7 as missing');
  });

  it('that are one value are a code', () => {
    expect(
      judge(
        sizes,
        first(sizes, 12, () => -7),
      ),
    ).toMatchObject({
      severity: 'error',
      likelyCause: 'a code for "missing"',
      repair: 'read -7 as missing',
    });
  });
});
