import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../src/data/judge/past.js';
import { spike } from '../../../src/data/judge/spike.js';
import { column, type Value } from './profiles.js';

const N = 1000;
/** Different values spread evenly from a start over a hundred, in mixed order. */
const even = (from = 20, count = N): number[] =>
  Array.from({ length: count }, (_, i) => from + 100 * ((i * 0.618033988749895) % 1));
/** A thousand values in mixed order. */
const mixed = (value: (rank: number) => number): number[] => even().map((_, i) => value((i * 619) % N));
/** Those with so many of them replaced by one value. */
const spiked = (value: number, times: number, values: readonly number[] = even()): number[] =>
  values.map((one, i) => (i < times ? value : one));
const judge = (is: readonly Value[], was: readonly Value[] = even(), more: Partial<ColumnPast> = {}, name = 'x') =>
  spike({ before: column(name, was), now: column(name, is), past: [], ...more });
const severityOf = (...given: Parameters<typeof judge>): string => judge(...given)?.severity ?? 'nothing';

describe('a code for "missing" that stands apart', () => {
  it.each([
    [-1, 10, 'nothing'],
    [-1, 11, 'error'],
    [9999, 11, 'error'],
    [999, 11, 'error'],
    // within half a range of what was seen: as any other value
    [-99, 11, 'error'],
    [5, 11, 'nothing'],
  ])('%f in %i of 1,000 rows: %s', (value, times, severity) => {
    expect(severityOf(spiked(value, times))).toBe(severity);
  });

  it('is half a range or more away, unless negative where nothing was', () => {
    const around = (from: number, value: number) => severityOf(spiked(value, 200, even(from)), even(from));
    // nines: a range of 100 reaches half a range further
    expect(around(-60, -99)).toBe('unclear');
    expect(around(-40, -99)).toBe('error');
    expect(around(-49, 99)).toBe('unclear');
    expect(around(-53, 99)).toBe('error');
    // minus one is an ordinary value of a column with both signs
    expect(around(-50, -1)).toBe('unclear');
    expect(around(0.5, -1)).toBe('error');
  });

  it.each([
    // seen: 0 … 40
    [-9999, 0, 40, 'error'],
    [99, 20, 72.6, 'error'],
    [99, 20, 72.7, 'unclear'],
    [99, 0, 66, 'unclear'],
    [-99, -66, 0, 'unclear'],
    [-99, -66.1, -0.1, 'unclear'],
    [-99, -65.9, -0.1, 'error'],
    [-99, 0, 1000, 'error'],
  ])('%f is beside %f … %f: %s', (value, from, to, severity) => {
    const was = mixed((i) => from + ((to - from) * i) / (N - 1));
    expect(severityOf(spiked(value, 200, was), was)).toBe(severity);
  });

  it.each([
    [99, true],
    [-99.9, true],
    [999.99, true],
    [9, false],
    [199, false],
    [998, false],
    [99.5, false],
  ])('%f is one: %s', (value, isOne) => {
    // 5 % of the rows: too few for a value that is none
    const was = even(value > 0 ? 2000 : -3000);
    expect(severityOf(spiked(value, 50, was), was)).toBe(isOne ? 'error' : 'nothing');
  });

  it('is no price of nines', () => {
    const of = (name: string, value: number) => severityOf(spiked(value, 60), even(), {}, name);
    expect(['price', 'monthly_fee', 'amount'].map((name) => of(name, 999))).toEqual(['unclear', 'unclear', 'unclear']);
    expect(['age', 'weight', 'x'].map((name) => of(name, 999))).toEqual(['error', 'error', 'error']);
    expect(of('price', 9999)).toBe('error');
    expect(of('price', -999)).toBe('error');
    expect(of('price', -1)).toBe('error');
  });

  it('is no -1 among other negative values: then the column has fallen below zero', () => {
    const degrees = Array.from({ length: N }, (_, i) => 1 + (i % 30));
    // 300 of -1, and so many others below zero
    const below = (others: number) => degrees.map((one, i) => (i < 300 ? -1 : i < 300 + others ? -2 - (i % 3) : one));
    const of = (others: number) => severityOf(below(others), degrees, {}, 'temperature');
    expect(of(0)).toBe('error');
    // a tenth of all negative ones are 33.3
    expect(of(33)).toBe('error');
    expect(of(34)).not.toBe('error');
    // zero is not below zero, and -999 is no degree
    const zeros = degrees.map((one, i) => (i < 300 ? -1 : i < 600 ? 0 : one));
    expect(severityOf(zeros, degrees, {}, 'temperature')).toBe('error');
    const codes = degrees.map((one, i) => (i < 300 ? -999 : i < 400 ? -2 : one));
    expect(severityOf(codes, degrees, {}, 'temperature')).toBe('error');
  });

  it('is a code among other codes, and -1 far more often than any other, unless the name has values below zero', () => {
    const ages = Array.from({ length: N }, (_, i) => 1 + (i % 30));
    /** 300 of -1, and then so many of each of these. */
    const below = (others: readonly number[], times: number) =>
      ages.map((one, i) => (i < 300 ? -1 : (others[Math.floor((i - 300) / times)] ?? one)));
    expect(severityOf(below([-9], 100), ages)).toBe('error');
    expect(severityOf(below([-2], 100), ages)).toBe('error');
    expect(severityOf(below([-2, -9, -99, -3, -4], 100), ages)).toBe('error');
    expect(severityOf(below([-2, -9], 100), ages, {}, 'temperature')).not.toBe('error');
    expect(severityOf(below([-2, -3, -4, -5], 100), ages)).not.toBe('error');
    // -2 may be a code: two values are none
    expect(severityOf(below([-2, -3, -4], 100), ages)).toBe('error');
    expect(severityOf(below([-2, -3, -4, -5], 99), ages)).toBe('error');
  });

  it('is found whatever the other values do', () => {
    expect(severityOf(spiked(-1, 300, even(70)))).toBe('error');
  });

  it('needs five rows, and more than chance', () => {
    expect(severityOf(spiked(-1, 4, even(20, 20)))).toBe('nothing');
    expect(severityOf(spiked(-1, 5, even(20, 20)))).toBe('error');
    // a reference of ten rows may lack a value that one row in twelve has
    expect(severityOf(spiked(-1, 5, even(20, 20)), even(20, 10))).toBe('nothing');
    // rows · KL(0.5 ‖ 21/102) is 4.2 for 20 rows and 21.2 for 100; ln 10⁶ = 13.8
    const some = (rows: number, times: number) => spiked(0, times, even(20, rows));
    expect(severityOf(some(20, 10), some(100, 20))).toBe('nothing');
    expect(severityOf(some(100, 50), some(100, 20))).toBe('unclear');
  });

  it('is as any other value if a few rows had it before', () => {
    expect(severityOf(spiked(-1, 50), spiked(-1, 3))).toBe('nothing');
    expect(severityOf(spiked(999, 50), spiked(999, 3))).toBe('nothing');
    expect(severityOf(spiked(-1, 50), spiked(-2, 3))).toBe('nothing');
    expect(severityOf(spiked(-2, 50), spiked(-1, 3))).toBe('nothing');
  });

  it('says which rows, how many, and what to do', () => {
    expect(judge(spiked(-1, 40))).toMatchObject({
      code: 'sentinel',
      severity: 'error',
      rows: 40,
      selects: { kind: 'one-of', column: 'x', values: [-1] },
      likelyCause: 'a default or a code for "missing"',
      repair: 'read -1 as missing',
      evidence: { value: -1, before: 0, after: 0.04 },
    });
  });
});

describe('a code beside a more frequent value', () => {
  /** Mostly zeros, and whole numbers up to twenty or thereabouts. */
  const rare = (zeros: number, most = 30): number[] =>
    even().map((_, i) => (i % 100 < zeros ? 0 : 1 + Math.floor(most * ((i * 0.4142135623) % 1))));
  /** One of the rows in twenty has the value. */
  const coded = (value: number, zeros: number, most?: number): number[] =>
    rare(zeros, most).map((one, i) => ((i * 7) % 20 === 0 ? value : one));
  const of = (value: number, name = 'x', zeros = 80): string => severityOf(coded(value, zeros), rare(zeros), {}, name);

  it.each([-999, -1, -9999, 999, 999.9, 9999, 99])('%f among rows that mostly have none', (value) => {
    expect([50, 70, 80, 95].map((zeros) => of(value, 'rain', zeros))).toEqual(Array(4).fill('error'));
  });

  it('needs more than one row in a hundred', () => {
    const some = (times: number) => severityOf(spiked(-1, times, rare(80)), rare(80));
    expect([10, 11].map(some)).toEqual(['nothing', 'error']);
  });

  it('is no other value, and none near those that were seen', () => {
    expect([-7, 80, 150, 0, 1000].map((value) => of(value))).toEqual(Array(5).fill('nothing'));
    expect(severityOf(coded(99, 80, 70), rare(80, 70))).toBe('nothing');
    expect(severityOf(coded(99, 80, 60), rare(80, 60))).toBe('error');
  });

  it('may be a price, an order of many pieces, or a new kind', () => {
    expect(['price', 'shipping_fee'].map((name) => of(99, name))).toEqual(['nothing', 'nothing']);
    expect(['price', 'shipping_fee'].map((name) => of(999, name))).toEqual(['unclear', 'unclear']);
    expect([99, 999].map((value) => of(value, 'quantity'))).toEqual(['unclear', 'error']);
    expect([99, -1].map((value) => severityOf(coded(value, 80, 12), rare(80, 12)))).toEqual(['unclear', 'error']);
    const flag = (value: number) => spiked(value, 50, rare(80, 1));
    expect(severityOf(flag(-1), rare(80, 1))).toBe('nothing');
  });

  it('is no end of a column that has grown, and no -1 of what may be negative', () => {
    const grown = coded(99, 80).map((one, i) => (i % 20 === 1 ? 50 + (i % 49) : one));
    expect(severityOf(grown, rare(80))).toBe('nothing');
    expect(of(-1, 'balance')).toBe('unclear');
    expect(of(-999, 'balance')).toBe('error');
  });

  it('is beside the usual value: the next month or price is in most rows', () => {
    expect(severityOf(spiked(-1, 500, rare(80)), rare(80))).toBe('error');
    expect(
      severityOf(
        coded(999, 80).map((one) => (one === 0 ? 5 : one)),
        rare(80),
      ),
    ).toBe('nothing');
    expect(
      severityOf(
        spiked(
          999,
          50,
          even().map(() => 7),
        ),
        even().map(() => 7),
      ),
    ).toBe('nothing');
  });
});

describe('a value among the others', () => {
  it.each([
    [120, 'nothing'],
    [123, 'unclear'],
    [996, 'unclear'],
    [1000, 'unclear'],
  ])('in %i of 1,000 rows: %s', (times, severity) => {
    expect(severityOf(spiked(55.5, times))).toBe(severity);
  });

  it('must have more than twice its usual share, also that of any earlier window', () => {
    const was = spiked(55.5, 300);
    expect(severityOf(spiked(55.5, 600), was)).toBe('nothing');
    expect(severityOf(spiked(55.5, 620), was)).toBe('unclear');
    expect(severityOf(spiked(55.5, 620), even(), { past: [column('x', was)] })).toBe('unclear');
    expect(severityOf(spiked(55.5, 600), even(), { past: [column('x', was)] })).toBe('nothing');
  });

  it('must be more frequent than any value used to be, unless it is a code for "missing"', () => {
    // a quarter of the other values are 70, before and now
    const quarter = (times: number) =>
      even().map((value, i) => (i < times ? 55.5 : i < times + (N - times) / 4 ? 70 : value));
    expect(severityOf(quarter(360), quarter(0))).toBe('nothing');
    expect(severityOf(quarter(400), quarter(0))).toBe('unclear');
    expect(severityOf(spiked(-1, 230, quarter(0)), quarter(0))).toBe('error');
  });

  it('must leave the other values as they were', () => {
    const shifted = (by: number) => spiked(55.5, 300, even(20 + by));
    expect(severityOf(shifted(8))).toBe('unclear');
    expect(severityOf(shifted(12))).toBe('nothing');
    // seasons moved them as much before
    const past = [0, 15, 5].map((by) => column('x', even(20 + by)));
    expect(severityOf(shifted(12), even(), { past })).toBe('unclear');
    expect(severityOf(shifted(12), even(), { past: past.slice(1) })).toBe('nothing');
    // a tenth of the range is a distance of 0.1
    expect(severityOf(shifted(9.5))).toBe('unclear');
    expect(severityOf(shifted(10.5))).toBe('nothing');
  });

  it('may leave fewer than five others, whatever they are', () => {
    const others = (count: number) => even().map((_, i) => (i < N - count ? 55.5 : 119 + i / N));
    expect(severityOf(others(4))).toBe('unclear');
    expect(severityOf(others(5))).toBe('nothing');
  });

  it('is no finding in a column that usually has one value', () => {
    expect(severityOf(spiked(-1, 500), spiked(0, 800))).toBe('nothing');
    expect(severityOf(['a', 'b'])).toBe('nothing');
    expect(severityOf(even(), ['a', 'b'])).toBe('nothing');
    expect(severityOf(spiked(-1, 300), ['a', 'b', 'c'])).toBe('nothing');
  });
});

describe('a list of codes', () => {
  const codes = (kinds: number, times = 0, code = 1) =>
    Array.from({ length: N }, (_, i) => (i < times ? code : 1 + ((i * 11) % kinds)));

  it('has twenty codes or fewer, of which one may become frequent', () => {
    expect(severityOf(codes(20, 300), codes(20))).toBe('nothing');
    expect(severityOf(codes(21, 300), codes(21))).toBe('unclear');
    expect(severityOf(codes(20, 300, 25), codes(20))).toBe('nothing');
  });

  it('may have a new code, but none for "missing"', () => {
    expect(severityOf(codes(20, 300, 999), codes(20))).toBe('error');
    expect(severityOf(codes(20, 300, 0), codes(20))).toBe('unclear');
    const nines = codes(20).map((code) => (code === 1 ? 99 : code));
    expect(
      severityOf(
        nines.map((code, i) => (i < 300 ? 99 : code)),
        nines,
      ),
    ).toBe('nothing');
  });

  it('may have a 9 for "missing" above small counts, with a gap below it', () => {
    const few = (most: number, nines: number) =>
      Array.from({ length: N }, (_, i) => (i < nines ? 9 : (i * 11) % (most + 1)));
    expect(severityOf(few(4, 100), few(4, 0))).toBe('unclear');
    expect(severityOf(few(6, 100), few(6, 0))).toBe('unclear');
    expect(severityOf(few(7, 100), few(7, 0))).toBe('nothing');
    expect(severityOf(few(4, 40), few(4, 0))).toBe('unclear');
    expect(severityOf(few(4, 30), few(4, 0))).toBe('nothing');
    const grown = few(4, 100).map((value, i) => (i === 500 ? 7 : value));
    expect(severityOf(grown, few(4, 0))).toBe('nothing');
  });

  it('is none if the codes have decimals', () => {
    const halves = (times: number) => codes(10, times).map((code) => code + 0.5);
    expect(severityOf(halves(400), halves(0))).toBe('unclear');
  });
});

describe('zero in many rows', () => {
  it('may be a default, or nothing', () => {
    expect(judge(spiked(0, 40))).toMatchObject({ severity: 'unclear', evidence: { value: 0 } });
    expect(judge(spiked(0, 40))?.readings?.find((one) => one.as === 'normal')?.text).toMatch(/free, closed, off/);
    expect(judge(spiked(55.5, 300))?.readings?.find((one) => one.as === 'normal')?.text).toMatch(/^55\.5 is a value/);
    expect(severityOf(spiked(0, 40, even(70)))).toBe('nothing');
    expect(severityOf(spiked(0, 120, even(-50)), even(-50))).toBe('nothing');
    expect(severityOf(spiked(0, 123, even(-50)), even(-50))).toBe('unclear');
  });

  it('is no finding if another column explains it', () => {
    const shop = (closed: number) => {
      const open = Array.from({ length: N }, (_, i) => (i < closed ? 'no' : 'yes'));
      return { open, sales: spiked(0, closed) };
    };
    const [was, is] = [shop(100), shop(500)];
    const rows = { reference: new Map(Object.entries(was)), current: new Map(Object.entries(is)) };
    expect(severityOf(is.sales, was.sales, {}, 'sales')).toBe('unclear');
    expect(severityOf(is.sales, was.sales, { rows }, 'sales')).toBe('nothing');
    expect(severityOf(is.sales, was.sales, { rows, suspects: new Set(['open']) }, 'sales')).toBe('unclear');
    // as many shops are open as before
    const open = { reference: rows.reference, current: new Map(Object.entries({ open: was.open, sales: is.sales })) };
    expect(severityOf(is.sales, was.sales, { rows: open }, 'sales')).toBe('unclear');
  });
});

describe('an instrument that stood still', () => {
  const tenths = even().map((value) => Number(value.toFixed(1)));
  const stuck = (value: number, times: number, name = 'wind_speed', was: readonly number[] = tenths) =>
    severityOf(spiked(value, times, tenths), was, {}, name);

  it('shows one odd value in two fifths of the rows', () => {
    expect(stuck(55.3, 410)).toBe('error');
    expect(stuck(55.3, 390)).toBe('unclear');
    expect(stuck(55.3, 410, 'price')).toBe('unclear');
    expect(stuck(55.3, 410, 'x')).toBe('unclear');
  });

  it('does not show a round figure, or one at the end of the range', () => {
    expect(stuck(55.5, 410)).toBe('unclear');
    expect(stuck(55, 410)).toBe('unclear');
    expect(stuck(20.9, 410)).toBe('unclear');
    expect(stuck(22.9, 410)).toBe('error');
    expect(stuck(119.1, 410)).toBe('unclear');
    expect(stuck(117.1, 410)).toBe('error');
  });

  it('does not show a value of the lowest or highest fiftieth', () => {
    // hundredths of which none is round: 20.03, 20.13 …
    const value = (rank: number) => Number((20.03 + rank / 10).toFixed(2));
    const at = (rank: number) => severityOf(spiked(value(rank), 500, mixed(value)), mixed(value), {}, 'pressure');
    expect([19, 20, 980, 981].map(at)).toEqual(['unclear', 'error', 'error', 'unclear']);
  });

  it('does not show a value that one row in fifty had before', () => {
    const exactly = (times: number) => {
      const was = tenths.map((value, i) => (i < times ? 55.3 : value === 55.3 ? 55.4 : value));
      return stuck(55.3, 410, 'wind_speed', was);
    };
    expect([20, 21].map(exactly)).toEqual(['error', 'unclear']);

    expect(stuck(55.3, 410, 'wind_speed', spiked(55.3, 15, tenths))).toBe('error');
    expect(stuck(55.3, 410, 'wind_speed', spiked(55.3, 25, tenths))).toBe('unclear');
  });

  it('may have any value where values have no steps', () => {
    expect(severityOf(spiked(55, 410), even(), {}, 'wind_speed')).toBe('error');
  });
});
