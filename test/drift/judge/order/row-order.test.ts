import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../../src/domain/data/profile.js';
import { countsUp, tellsTime, withTimelyHistory } from '../../../../src/drift/judge/order/row-order.js';
import { inOrder, numbers, tableOf, texts, uniforms } from '../columns.js';

/** Whether the histories are kept, for a reference whose rows are in the order of this column. */
function isKept(reference: ColumnProfile, current: ColumnProfile, others: readonly ColumnProfile[] = []): boolean {
  const x = inOrder(uniforms(1000).map((value, i) => (i % 2 === 0 ? value : 1 - value)));
  const pairs = [{ reference: x, current: numbers(uniforms(1000)) }];
  const [pair] = withTimelyHistory(tableOf([reference, x]), tableOf([...others, current]), pairs);
  return pair?.reference.history !== undefined;
}
const rows = (count: number, at: (i: number) => number = (i) => i): readonly number[] =>
  Array.from({ length: count }, (_, i) => at(i));
const sortedBy = (values: readonly (number | null)[], missing = 0): ColumnProfile => {
  const column = inOrder(
    values.filter((value) => value !== null),
    40,
    'key',
  );
  return { ...column, rows: column.rows + missing, missing };
};
const key = (values: readonly number[]): ColumnProfile => numbers(values, 'key');

describe('rows are grouped by a column', () => {
  /** Two texts in ten spans of a hundred rows: spans with either of them. */
  const kinds = (a: readonly number[], b: readonly number[]): ColumnProfile => ({
    ...texts({ a: 500, b: 500 }, 0, 'kind'),
    history: Array.from({ length: 10 }, (_, span) => [a.includes(span) ? 100 : 0, b.includes(span) ? 100 : 0, 0]),
  });
  const current = texts({ a: 500, b: 500 }, 0, 'kind');
  const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  it('if its values overlap in at most 0.15 of the spans that they could', () => {
    // two values over ten spans each could overlap in ten
    expect(isKept(kinds(from(0, 4), from(5, 9)), current)).toBe(false);
    expect(isKept(kinds(from(0, 5), from(5, 9)), current)).toBe(false);
    expect(isKept(kinds(from(0, 5), from(4, 9)), current)).toBe(true);
    expect(isKept(kinds(from(0, 9), from(0, 9)), current)).toBe(true);
    // a value that comes back at the end lies over all spans
    expect(isKept(kinds([0, 1, 2, 3, 9], from(4, 8)), current)).toBe(true);
  });

  it('if the window has the same values as often', () => {
    const sorted = kinds(from(0, 4), from(5, 9));
    expect(isKept(sorted, texts({ a: 520, b: 480 }, 0, 'kind'))).toBe(false);
    expect(isKept(sorted, texts({ a: 800, b: 200 }, 0, 'kind'))).toBe(true);
    expect(isKept(sorted, numbers(uniforms(1000), 'kind'))).toBe(true);
    expect(isKept(sorted, texts({ a: 2, b: 1 }, 0, 'kind'))).toBe(false);
  });

  it('of that name, wherever it stands in the window', () => {
    const sorted = sortedBy(uniforms(1000));
    expect(isKept(sorted, key(uniforms(1000)), [texts({ a: 500, b: 500 }, 0, 'kind')])).toBe(false);
    expect(isKept(sorted, numbers(uniforms(1000), 'other'))).toBe(true);
  });

  it('not if it has no history', () => {
    expect(isKept(key(uniforms(1000)), key(uniforms(1000)))).toBe(true);
  });
});

describe('a sorted column is a row number', () => {
  it('if it holds whole numbers without gaps, from wherever', () => {
    const from = (start: number) => rows(1000, (i) => start + i);
    expect(isKept(sortedBy(from(0)), key(from(0)))).toBe(true);
    expect(isKept(sortedBy(from(5000)), key(from(5000)))).toBe(true);
    expect(isKept(sortedBy(from(0), 40), key(from(0)))).toBe(true);
    const halves = rows(1000, (i) => i + 0.5);
    expect(isKept(sortedBy(halves), key(halves))).toBe(false);
    const gap = rows(1000, (i) => (i < 999 ? i : 10_000));
    expect(isKept(sortedBy(gap), key(gap))).toBe(false);
  });

  it('if nearly every one is there once', () => {
    // as many rows as numbers from the least to the largest, but most numbers are missing and others come twice
    const twice = (pairs: number) => rows(1000, (i) => (i < 2 * pairs ? 2 * Math.floor(i / 2) : i));
    expect(isKept(sortedBy(twice(40)), key(twice(40)))).toBe(true);
    expect(isKept(sortedBy(twice(60)), key(twice(60)))).toBe(false);
  });
});

describe('a row number of a long file, of which not every value is kept', () => {
  const from = (start: number, count = 2000) => rows(count, (i) => start + i);

  it('counts present rows only, from wherever', () => {
    expect(isKept(sortedBy(from(0), 100), key(from(0)))).toBe(true);
    expect(isKept(sortedBy(from(5000)), key(from(5000)))).toBe(true);
    const gap = rows(2000, (i) => (i < 1999 ? i : 2001));
    expect(isKept(sortedBy(gap), key(gap))).toBe(false);
  });

  it('repeats one value of twenty at most', () => {
    const twice = (pairs: number) => rows(2000, (i) => (i < 2 * pairs ? 2 * Math.floor(i / 2) : i));
    expect(isKept(sortedBy(twice(100)), key(twice(100)))).toBe(true);
    expect(isKept(sortedBy(twice(101)), key(twice(101)))).toBe(false);
  });
});

describe('a sorted column is a calendar', () => {
  const days = (count: number, size = (_: number) => 140) => {
    const values = rows(count, (i) => 3 * i).flatMap((day, i) => new Array<number>(size(i)).fill(day));
    return { values, sorted: sortedBy(values) };
  };
  const kept = ({ values, sorted }: ReturnType<typeof days>) => isKept(sorted, key(values));

  it('if it has seven values or more', () => {
    expect(kept(days(7))).toBe(true);
    expect(kept(days(6))).toBe(false);
  });

  it('if its values come again: each value of a short sorted file occurs once', () => {
    expect(kept(days(200, () => 2))).toBe(true);
    const amounts = rows(400, (i) => 3.5 * i);
    expect(isKept(sortedBy(amounts), key(amounts))).toBe(false);
  });

  it('if it holds whole numbers, each once, that fill a third of their range, such as working days', () => {
    const every = (gap: number) => rows(261, (i) => 7 * Math.floor(i / 5) + gap * (i % 5));
    expect(isKept(sortedBy(every(1)), key(every(1)))).toBe(true);
    expect(kept(days(400, () => 1))).toBe(true);
    const sparse = rows(400, (i) => 4 * i);
    expect(isKept(sortedBy(sparse), key(sparse))).toBe(false);
  });

  it('with exactly two rows of each number, or a third of the range', () => {
    const halves = (size: number) => rows(200 * size, (i) => 3.5 * Math.floor(i / size));
    expect([1, 2, 3].map((size) => isKept(sortedBy(halves(size)), key(halves(size))))).toEqual([false, true, true]);
    // 400 of 1,200 and of 1,201 numbers, from 5,000 on
    const thirds = (range: number) => rows(400, (i) => 5000 + (i < 399 ? 3 * i : range - 1));
    expect(isKept(sortedBy(thirds(1200)), key(thirds(1200)))).toBe(true);
    expect(isKept(sortedBy(thirds(1201)), key(thirds(1201)))).toBe(false);
  });

  it('if each has about as many rows, apart from the first and the last', () => {
    // mean of twelve: with one of 115 it is 137.9, and 0.15 of it 20.7
    expect(kept(days(12, (i) => (i === 5 ? 120 : 140)))).toBe(true);
    expect(kept(days(12, (i) => (i === 5 ? 110 : 140)))).toBe(false);
    expect(kept(days(12, (i) => (i === 5 ? 170 : 140)))).toBe(false);
    expect(kept(days(12, (i) => (i === 0 || i === 11 ? 100 : 140)))).toBe(true);
  });
});

describe('a column tells the time of its rows', () => {
  const day = (i: number) => 20260501 + (i % 28);
  const days = (month: number) => rows(1000, (i) => 20260001 + 100 * month + Math.floor(0.028 * i));
  const seconds = (from: number, units = 1) => rows(1000, (i) => units * (1.778e9 + from + 2400 * i));
  const tells = (was: readonly number[], is: readonly number[]): boolean => tellsTime(sortedBy(was), key(is));

  it('as a written day, month or second, or as seconds since 1970, and goes on', () => {
    expect(tells(days(5), days(6))).toBe(true);
    expect(
      tells(
        rows(1000, () => 202605),
        rows(1000, () => 202606),
      ),
    ).toBe(true);
    const written = (month: number) => days(month).map((one, i) => one * 1e6 + 123000 + (i % 60));
    expect(
      tells(
        written(5).toSorted((a, b) => a - b),
        written(6),
      ),
    ).toBe(true);
    for (const units of [1, 1e3, 1e6]) expect(tells(seconds(0, units), seconds(3e6, units))).toBe(true);
  });

  it('not if it goes back, has other units, is no date, or has no order', () => {
    expect(tells(days(6), days(5))).toBe(false);
    expect(tells(seconds(0), seconds(3e6, 1e3))).toBe(false);
    expect(tells(days(5), seconds(0))).toBe(false);
    expect(
      tells(
        rows(1000, (i) => 20269901 + i),
        rows(1000, (i) => 20279901 + i),
      ),
    ).toBe(false);
    expect(
      tells(
        rows(1000, (i) => 5e8 + i),
        rows(1000, (i) => 6e8 + i),
      ),
    ).toBe(false);
    expect(tells(rows(1000, day), days(6))).toBe(false);
    expect(tellsTime(key(days(5)), key(days(6)))).toBe(false);
  });
});

describe('a column counts up', () => {
  const ids = (from: number, step = 1, count = 1000) => rows(count, (i) => from + Math.floor(step * i));
  const up = (was: readonly number[], is: readonly number[]): boolean => countsUp(sortedBy(was), key(is));

  it('if its whole numbers grow with the rows and go on in the window, in any order there', () => {
    expect(up(ids(1), ids(1001))).toBe(true);
    expect(up(ids(1), ids(1001, 1, 200))).toBe(true);
    const backwards = rows(1000, (i) => 2000 - i);
    expect(up(ids(1), backwards)).toBe(true);
  });

  it('with at most as many left out as there are', () => {
    expect(up(ids(1, 1.9), ids(2001, 1.9))).toBe(true);
    expect(up(ids(1, 2.1), ids(3001))).toBe(false);
    expect(up(ids(1), ids(1001, 2.1))).toBe(false);
  });

  it('without a gap that is longer than the reference', () => {
    expect(up(ids(1), ids(1999))).toBe(true);
    expect(up(ids(1), ids(2000))).toBe(false);
    expect(
      up(
        ids(1),
        ids(1001).map((value) => 1000 * value),
      ),
    ).toBe(false);
  });

  it('not if they begin again, fall, repeat, or are no whole numbers', () => {
    expect(up(ids(1), ids(1))).toBe(false);
    expect(up(ids(1), ids(1000))).toBe(false);
    expect(up(ids(1000, -1), ids(1001))).toBe(false);
    expect(up(ids(1, 0.1), ids(1001))).toBe(false);
    expect(up(ids(1), ids(1001, 0.1))).toBe(false);
    const halves = (from: number) => ids(from).map((value) => value + 0.5);
    expect(up(halves(1), halves(1002))).toBe(false);
  });

  it('not if they grow by much, or only by and large: a turnover that rises, a file sorted by its amounts', () => {
    const turnover = (from: number, count: number) =>
      rows(count, (i) => 1000 * (100 + from + i) + ((i * 619) % 97) * 30);
    expect(up(turnover(0, 1000), turnover(1000, 300))).toBe(false);
    expect(up(ids(20_000, 35), ids(56_000, 35))).toBe(false);
    const nearly = (from: number) => rows(1000, (i) => from + (i % 60 === 0 ? (i * 7) % 1000 : i));
    expect(up(nearly(1), ids(1001))).toBe(false);
  });

  it('not if the rows of the reference have another order, or none', () => {
    const mixed = rows(1000, (i) => (i * 619) % 1000);
    expect(up(mixed, ids(1001))).toBe(false);
    expect(countsUp(key(ids(1)), key(ids(1001)))).toBe(false);
    expect(countsUp(texts({ a: 500 }, 0, 'key'), texts({ a: 500 }, 0, 'key'))).toBe(false);
  });

  it('repeats one value of twenty at most', () => {
    const some = (repeats: number) => rows(1000, (i) => (i < repeats ? 1001 : 1001 + i));
    expect(countsUp(sortedBy(ids(1)), key(some(50)))).toBe(true);
    expect(countsUp(sortedBy(ids(1)), key(some(60)))).toBe(false);
  });

  it('at each of its limits', () => {
    // numbers from 1 to 2,000 and to 2,001 for a thousand rows
    const spread = (last: number) => rows(1000, (i) => (i < 999 ? 1 + 2 * i : last));
    expect(up(spread(2000), ids(2001))).toBe(true);
    expect(up(spread(2001), ids(2002))).toBe(false);
    // 950 and 949 different values of a thousand rows
    const some = (repeats: number) => rows(1000, (i) => (i < repeats ? 1001 : 1001 + i));
    expect(up(ids(1), some(51))).toBe(true);
    expect(up(ids(1), some(52))).toBe(false);
  });

  it('counts present rows, and spans that have some', () => {
    expect(countsUp(sortedBy(ids(1), 400), key(ids(1001)))).toBe(true);
    const column = sortedBy(ids(1));
    const none = (column.history?.[0] ?? []).map(() => 0);
    expect(countsUp({ ...column, history: [none, ...(column.history ?? []), none] }, key(ids(1001)))).toBe(true);
    // one span has no order
    expect(countsUp({ ...column, history: column.history?.slice(0, 1) }, key(ids(1001)))).toBe(false);
  });

  it('not if one side is text', () => {
    const text = { ...texts({ a: 500 }, 0, 'key'), history: [[500, 0]] };
    expect(countsUp(text, key(ids(1001)))).toBe(false);
    expect(countsUp(sortedBy(ids(1)), text)).toBe(false);
  });

  it('is judged without the number of different values where that is an estimate', () => {
    const estimated = (column: ColumnProfile): ColumnProfile => ({
      ...column,
      distinct: 700,
      isDistinctEstimate: true,
    });
    expect(countsUp(estimated(sortedBy(ids(1))), estimated(key(ids(1001))))).toBe(true);
    // 950 and 949 numbers for a thousand rows
    const ending = (count: number) => rows(1000, (i) => 1 + Math.min(i, count - 1));
    expect(countsUp(estimated(sortedBy(ending(950))), key(ids(1001)))).toBe(true);
    expect(countsUp(estimated(sortedBy(ending(949))), key(ids(1001)))).toBe(false);
    // days with two rows each
    expect(countsUp(estimated(sortedBy(ids(1, 0.5))), estimated(key(ids(501, 0.5))))).toBe(false);
  });
});
