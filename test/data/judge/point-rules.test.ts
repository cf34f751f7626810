import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../src/data/judge/past.js';
import { pointRules } from '../../../src/data/judge/point-rules.js';
import { column, normals, roundTo, type Value } from './profiles.js';

const N = 1000;
const smooth = normals(1, N, (z) => 50 + 10 * z);
const sizes = normals(2, N, (z) => 24 * Math.exp(0.7 * z));
const next = normals(3, N, (z) => 50 + 10 * z);

const pair = (was: readonly Value[], is: readonly Value[], more: Partial<ColumnPast> = {}): ColumnPast => ({
  before: column('x', was),
  now: column('x', is),
  past: [],
  ...more,
});

/** The first so many values replaced. */
const first = (values: readonly Value[], count: number, by: (value: number) => Value): Value[] =>
  values.map((value, i) => (i < count ? by(Number(value)) : value));

const says = (one: ColumnPast): string => {
  const [fault] = pointRules(one);
  return fault === undefined ? 'nothing' : `${fault.severity} ${fault.code}`;
};

describe('missing values', () => {
  const missing = (count: number, of: readonly Value[] = next): Value[] => first(of, count, () => null);

  it.each([
    ['5 % more are not worth a word', smooth, missing(50), 'nothing'],
    ['just above', smooth, missing(51), 'unclear missing-rose'],
    ['just below four tenths', smooth, missing(399), 'unclear missing-rose'],
    ['four tenths of a column that was filled', smooth, missing(400), 'error missing-rose'],
    ['of one that a twentieth lacked', missing(50, smooth), missing(400), 'error missing-rose'],
    ['just more lacked it', missing(51, smooth), missing(400), 'unclear missing-rose'],
    ['just below nine tenths', missing(300, smooth), missing(899), 'unclear missing-rose'],
    ['nine tenths', missing(300, smooth), missing(900), 'error missing-rose'],
    ['nine tenths of a column that exactly half had', missing(500, smooth), missing(900), 'error missing-rose'],
    ['all', smooth, missing(1000), 'error all-missing'],
    ['nine tenths of a column that half had', missing(510, smooth), missing(900), 'unclear missing-rose'],
    ['no more than before', missing(200, smooth), missing(240), 'nothing'],
    ['fewer', missing(500, smooth), missing(100), 'nothing'],
    ['two of twenty are chance', missing(10, smooth), missing(2).slice(0, 20), 'nothing'],
    ['all of a rare one are chance', missing(995, smooth), missing(300).slice(0, 300), 'nothing'],
    ['all of one that a tenth had are not', missing(900, smooth), missing(300).slice(0, 300), 'error all-missing'],
  ])('%s', (_, was, is, expected) => {
    expect(says(pair(was, is))).toBe(expected);
  });

  it('are usual where an earlier window had as many', () => {
    expect(says(pair(smooth, missing(400)))).toBe('error missing-rose');
    expect(says(pair(smooth, missing(400), { past: [column('x', missing(60))] }))).toBe('unclear missing-rose');
    expect(says(pair(smooth, missing(400), { past: [column('x', missing(390))] }))).toBe('nothing');
    expect(says(pair(smooth, missing(1000), { pastMissing: 1 }))).toBe('nothing');
  });

  it('are explained by another column that brings them', () => {
    const kind = Array.from({ length: N }, (_, i) => (i % 10 === 0 ? 'phone' : 'web'));
    const now = kind.map((_, i) => (i % 2 === 0 ? 'phone' : 'web'));
    const of = (kinds: readonly string[]): Value[] =>
      kinds.map((one, i) => (one === 'phone' ? null : (smooth[i] ?? 0)));
    const rows = {
      reference: new Map([
        ['kind', kind],
        ['x', of(kind)],
      ]),
      current: new Map([
        ['kind', now],
        ['x', of(now)],
      ]),
    };
    expect(says(pair(of(kind), of(now)))).toBe('unclear missing-rose');
    expect(says(pair(of(kind), of(now), { rows }))).toBe('nothing');
    expect(says(pair(of(kind), of(now), { rows, suspects: new Set(['kind']) }))).toBe('unclear missing-rose');
    const other = {
      ...rows,
      current: new Map([
        ['kind', kind],
        ['x', of(now)],
      ]),
    };
    expect(says(pair(of(kind), of(now), { rows: other }))).toBe('unclear missing-rose');
  });

  it('name the rows and both shares', () => {
    expect(pointRules(pair(smooth, missing(300)))[0]).toMatchObject({
      rows: 300,
      selects: { kind: 'missing', column: 'x' },
      evidence: { before: 0, after: 0.3 },
    });
  });
});

describe('one value in every row', () => {
  const all = (value: Value, count = N): Value[] => Array.from({ length: count }, () => value);
  const codes = Array.from({ length: N }, (_, i) => 1 + (i % 7));
  const texts = Array.from({ length: N }, (_, i) => ['web', 'app', 'phone'][i % 3] ?? '');

  it.each([
    ['a sensor that stands still', smooth, all(7.3), 'error constant'],
    ['a value that a twentieth had', first(smooth, 50, () => 0), all(0), 'unclear constant'],
    ['just fewer', first(smooth, 49, () => 0), all(0), 'error constant'],
    ['heating that is off', first(smooth, 300, () => 0), all(0), 'unclear constant'],
    ['a known code', codes, all(3), 'unclear constant'],
    ['the next code', codes, all(8), 'nothing'],
    ['a known text', texts, all('web'), 'unclear constant'],
    ['a new text', texts, all('shop'), 'nothing'],
    ['five rows of a frequent value', codes, all(3, 5), 'nothing'],
    ['a switch', smooth.map((_, i) => i % 2), all(1), 'nothing'],
    ['a constant that is another', all(4), all(5), 'nothing'],
  ])('%s', (_, was, is, expected) => {
    expect(says(pair(was, is))).toBe(expected);
  });

  it('is usual where each earlier window has one value', () => {
    const past = [1, 2, 4].map((value) => column('x', all(value)));
    expect(says(pair(codes, all(3), { past }))).toBe('nothing');
    expect(says(pair(smooth, all(7.3), { past: past.slice(1) }))).toBe('error constant');
  });

  it('may be a season or a setting where another measure has moved far', () => {
    const air = (seed: number, mean: number) => normals(seed, N, (z) => roundTo(1)(mean + 4 * z));
    const judge = (name: string, was: readonly Value[], value: number, now: readonly Value[], more = {}): string => {
      const rows = {
        reference: new Map<string, readonly Value[]>([
          [name, was],
          ['air', air(21, 0)],
        ]),
        current: new Map<string, readonly Value[]>([
          [name, all(value)],
          ['air', now],
        ]),
      };
      return says({ before: column(name, was), now: column(name, all(value)), past: [], rows, ...more });
    };
    const [far, near] = [air(22, 20), air(23, 3)];
    expect(judge('snow_cm', sizes, 0, far)).toBe('unclear constant');
    expect(judge('snow_cm', sizes, 0, near)).toBe('error constant');
    expect(judge('snow_cm', sizes, 0, far, { rows: undefined })).toBe('error constant');
    expect(judge('snow_cm', sizes, 0, far, { suspects: new Set(['air']) })).toBe('error constant');
    expect(judge('snow_cm', sizes, 7.3, far)).toBe('error constant');
    // nothing near zero before: a sensor that failed
    expect(
      judge(
        'x',
        smooth.map((value) => value + 60),
        0,
        far,
      ),
    ).toBe('error constant');
    expect(judge('setpoint_c', smooth, 19, far)).toBe('unclear constant');
    expect(judge('room_c', smooth, 19, far)).toBe('error constant');
    expect(judge('setpoint_c', smooth, 19, near)).toBe('error constant');
    // whole numbers may be months or numbers of rows
    expect(judge('snow_cm', sizes, 0, air(24, 20).map(Math.round))).toBe('unclear constant');
    const months = codes.map((code) => code + 30);
    const rows = {
      reference: new Map<string, readonly Value[]>([
        ['x', sizes],
        ['month', codes],
      ]),
      current: new Map<string, readonly Value[]>([
        ['x', all(0)],
        ['month', months],
      ]),
    };
    expect(says(pair(sizes, all(0), { rows }))).toBe('error constant');
  });

  it('is explained by another column that fixes it', () => {
    const place = codes.map((code) => `p${code}`);
    const rows = {
      reference: new Map<string, Value[]>([
        ['place', place],
        ['x', codes],
      ]),
      current: new Map<string, Value[]>([
        ['place', all('p3')],
        ['x', all(3)],
      ]),
    };
    expect(says(pair(codes, all(3), { rows, suspects: new Set() }))).toBe('nothing');
  });
});

describe('one value in many rows', () => {
  const dear = normals(5, N, (z, i) => 500 + ((i * 7919) % N) * 0.45 + z);
  const spiked = (value: number, count: number, of: readonly number[] = next): Value[] => first(of, count, () => value);

  it.each([
    ['999 in 1 % of the rows', smooth, spiked(999, 10), 'unclear far-outside'],
    ['just above', smooth, spiked(999, 11), 'error sentinel'],
    ['-999', smooth, spiked(-999, 300), 'error sentinel'],
    ['9999', smooth, spiked(9999, 200), 'error sentinel'],
    ['-1 where nothing was negative', sizes, spiked(-1, 100, sizes), 'error sentinel'],
    ['a price of 999 beside 950', dear, spiked(999, 300, dear), 'unclear sentinel'],
    [
      'zero, which may be true',
      smooth.map((x) => x + 60),
      spiked(
        0,
        300,
        next.map((x) => x + 60),
      ),
      'unclear sentinel',
    ],
    ['9.99 in 12 % of the rows', sizes, spiked(9.99, 120, sizes), 'nothing'],
    ['just above', sizes, spiked(9.99, 122, sizes), 'unclear sentinel'],
    ['twice a value that was frequent', first(smooth, 200, () => 42), first(next, 400, () => 42), 'nothing'],
    ['four rows of twenty', smooth, spiked(999, 4).slice(0, 20), 'nothing'],
    ['five of them', smooth, spiked(999, 5).slice(0, 20), 'error sentinel'],
  ])('%s', (_, was, is, expected) => {
    expect(says(pair(was, is))).toBe(expected);
  });

  it('gives no finding for a column that moved as a whole, nor for a list of codes', () => {
    expect(
      says(
        pair(
          sizes,
          spiked(
            9.99,
            300,
            sizes.map((x) => 2 * x),
          ),
        ),
      ),
    ).toBe('nothing');
    const codes = Array.from({ length: N }, (_, i) => i % 12);
    expect(says(pair(codes, spiked(3, 500, codes)))).toBe('nothing');
    expect(says(pair(codes, spiked(99, 500, codes)))).toBe('error sentinel');
  });

  describe('a reading that stands still', () => {
    const stuck = (name: string, value: number, count: number, of = next): string =>
      says({ before: column(name, smooth.map(roundTo(1))), now: column(name, spiked(value, count, of)), past: [] });

    it.each([
      ['in four tenths of the rows', 'temperature', 50.3, 400, 'error sentinel'],
      ['in fewer', 'temperature', 50.3, 399, 'unclear sentinel'],
      ['a pressure', 'pressure', 45.7, 500, 'error sentinel'],
      ['a round figure', 'temperature', 50.5, 500, 'unclear sentinel'],
      ['the lowest value, as a limit has it', 'speed', 20.1, 500, 'unclear sentinel'],
      ['the highest', 'speed', 81.3, 500, 'unclear sentinel'],
      ['a price', 'price', 50.3, 500, 'unclear sentinel'],
      ['a column that says not what it measures', 'x', 50.3, 500, 'unclear sentinel'],
    ])('%s', (_, name, value, count, expected) => {
      expect(stuck(name, value, count)).toBe(expected);
    });
  });

  it('is usual where an earlier window had as much of the value', () => {
    const is = spiked(-999, 300);
    expect(says(pair(smooth, is, { past: [column('x', spiked(-999, 280))] }))).toBe('nothing');
  });

  it('names the value, the rows and the repair', () => {
    expect(pointRules(pair(smooth, spiked(-999, 300)))[0]).toMatchObject({
      rows: 300,
      repair: 'read -999 as missing',
      selects: { kind: 'one-of', column: 'x', values: [-999] },
      evidence: { value: -999, before: 0, after: 0.3 },
    });
  });
});

describe('values far outside', () => {
  const range = Math.max(...smooth) - Math.min(...smooth);
  const top = Math.max(...smooth);
  const far = (ranges: number, count: number): Value[] => first(next, count, (x) => top + ranges * range + x / 100 + 1);

  it.each([
    ['just beyond three ranges', far(3.01, 20), 'unclear far-outside'],
    ['just below', far(2.96, 20), 'nothing'],
    ['as many in the gap as a fifth of those beyond', first(far(4, 240), 40, () => top + range), 'unclear far-outside'],
    ['more in the gap', first(far(4, 240), 41, () => top + range), 'nothing'],
    ['near values are in no gap', first(far(4, 240), 41, () => top + 0.49 * range), 'unclear far-outside'],
    ['just below half of them absurd', far(101, 499), 'error far-outside'],
    ['half of them, which is another unit or growth', far(101, 500), 'unclear far-outside'],
    ['five rows', far(4, 5), 'unclear far-outside'],
    ['four rows', far(4, 4), 'nothing'],
    ['absurd ones', far(101, 20), 'error far-outside'],
    ['just below absurd', far(98, 20), 'unclear far-outside'],
    ['four absurd ones among others', first(far(4, 20), 4, () => top + 200 * range), 'unclear far-outside'],
  ])('%s', (_, is, expected) => {
    expect(says(pair(smooth, is))).toBe(expected);
  });

  it('needs a gap, because a longer tail has none', () => {
    const tail = first(far(4, 40), 400, (x) => (x > top ? x : x + range * 1.5));
    expect(says(pair(smooth, tail))).toBe('nothing');
  });

  it('needs one row in five hundred', () => {
    const many = normals(7, 6000, (z) => 50 + 10 * z);
    expect(
      says(
        pair(
          smooth,
          first(many, 12, () => top + 4 * range),
        ),
      ),
    ).toBe('nothing');
    expect(
      says(
        pair(
          smooth,
          first(many, 13, (x) => top + 4 * range + x),
        ),
      ),
    ).toBe('unclear far-outside');
  });

  it('are compared with the range of earlier windows', () => {
    expect(says(pair(smooth, far(4, 20), { past: [column('x', [top + 5 * range])] }))).toBe('nothing');
  });
});

describe('negative values', () => {
  const flipped = (values: readonly number[], count: number): Value[] => first(values, count, (x) => -x);
  const fresh = normals(8, N, (z) => 24 * Math.exp(0.7 * z));

  it.each([
    ['all of them', sizes, flipped(fresh, N), 'error negative'],
    ['ten', sizes, flipped(fresh, 10), 'error negative'],
    ['nine are chance', sizes, flipped(fresh, 9), 'nothing'],
    ['four of ten are an accident', sizes, flipped(fresh, 4).slice(0, 10), 'nothing'],
    ['five of ten', sizes, flipped(fresh, 5).slice(0, 10), 'error negative'],
    ['all of them, twice as large', sizes, fresh.map((x) => -2 * x), 'error negative'],
    ['a summer that turns to winter', normals(9, N, (z) => 20 + 4 * z), normals(10, N, (z) => 1 + 4 * z), 'nothing'],
    ['one value', smooth, first(next, 100, () => -5), 'error negative'],
    ['in a column that had some', [...sizes, -3], flipped(fresh, 300), 'nothing'],
  ])('%s', (_, was, is, expected) => {
    expect(says(pair(was, is))).toBe(expected);
  });

  it('are unclear where others are scattered over a column that ended at zero', () => {
    const scattered = (of: readonly number[], least = 150) => first(of, 80, (x) => -least - (x % 7));
    const named = (name: string, was: readonly Value[], is: readonly Value[]): string =>
      says({ before: column(name, was), now: column(name, is), past: [] });
    expect(named('amount', sizes, scattered(fresh))).toBe('unclear negative');
    expect(named('x', sizes, scattered(fresh))).toBe('unclear negative');
    expect(named('balance', sizes, scattered(fresh))).toBe('nothing');
    // few values are near zero: the column may move across it
    const mild = (seed: number) => normals(seed, N, (z) => Math.abs(8 + 2.2 * z));
    expect(named('x', mild(12), scattered(mild(13), 12))).toBe('nothing');
    const cold = normals(14, N, (z) => 0.5 + 2.5 * z);
    expect(named('x', mild(12), cold)).toBe('nothing');
  });

  it('are unclear on the first floors below the ground', () => {
    const floors = Array.from({ length: N }, (_, i) => (i * 7) % 12);
    const below = (name: string, value: number, was: readonly number[] = floors): string =>
      says({
        before: column(name, was),
        now: column(
          name,
          first(was, 120, () => value),
        ),
        past: [],
      });
    expect([-1, -5].map((value) => below('from_floor', value))).toEqual(['unclear sentinel', 'unclear negative']);
    expect(below('from_floor', -6)).toBe('error negative');
    expect(below('from_floor', -99)).toBe('error sentinel');
    expect(below('rooms', -1)).toBe('error sentinel');
    const ground = floors.map((one, i) => (i % 10 < 8 ? 0 : one));
    expect(below('to_floor', -1, ground)).toBe('unclear sentinel');
  });

  it('are usual where an earlier window had some', () => {
    expect(says(pair(sizes, flipped(fresh, 300), { past: [column('x', [-1, 2])] }))).toBe('nothing');
  });

  it('needs one row in five hundred', () => {
    const many = normals(11, 6000, (z) => 24 * Math.exp(0.7 * z));
    expect(says(pair(sizes, flipped(many, 11)))).toBe('nothing');
    expect(says(pair(sizes, flipped(many, 40)))).toBe('error negative');
  });
});

it('has a sentence with unrounded figures', () => {
  const cents = sizes.map(roundTo(2));
  expect(
    pointRules(
      pair(
        cents,
        first(cents, 300, () => 9.99),
      ),
    )[0]?.detail,
  ).toMatch(/^30\.?\d* % of the values are 9.99/);
});
