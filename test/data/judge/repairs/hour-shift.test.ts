import { describe, expect, it } from 'vitest';
import { testHourShift } from '../../../../src/data/judge/repairs/hour-shift.js';
import type { RowEvidence } from '../../../../src/data/judge/row-evidence.js';
import { normals } from '../profiles.js';

const DAYS = 60;

/** Hours of so many days with a load that follows the day; the clock is moved by `shift` hours. */
function day(seed: number, shift: number, days = DAYS, peak = 14) {
  const noise = normals(seed, days * 24);
  const hours = noise.map((_, i) => i % 24);
  const load = hours.map((hour, i) => 100 + 30 * Math.cos(((hour - peak) / 24) * 2 * Math.PI) + 6 * (noise[i] ?? 0));
  return { hours: hours.map((hour) => (hour + shift + 48) % 24), load };
}

function ask(now: ReturnType<typeof day>, was = day(1, 0)) {
  const rows: RowEvidence = { reference: new Map([['load', was.load]]), current: new Map([['load', now.load]]) };
  return testHourShift(rows, { column: 'at', reference: was.hours, current: now.hours });
}

describe('a clock that was moved', () => {
  it.each([2, 3, 8, 12, -2, -5])('by %d hours is a fault', (shift) => {
    expect(ask(day(2, shift))).toMatchObject({
      code: 'shifted',
      severity: 'error',
      repair: `move by ${-shift} h`,
      evidence: { hours: shift },
    });
  });

  it.each([1, -1])('by %d hour may be the clock change', (shift) => {
    expect(ask(day(2, shift))).toMatchObject({ severity: 'unclear', repair: `move by ${-shift} h` });
  });

  it('is not found where the days are alike, where rows have no daily course, or where the course changed', () => {
    expect(ask(day(2, 0))).toBeUndefined();
    const flat = (seed: number) => ({ hours: day(seed, 0).hours, load: normals(seed, DAYS * 24) });
    expect(ask(flat(2), flat(1))).toBeUndefined();
    const other = day(2, 0);
    expect(ask({ ...other, load: other.load.map((value, i) => (i % 24 < 12 ? 200 - value : value)) })).toBeUndefined();
  });

  it('needs three hundred rows, and nearly all hours of the day', () => {
    expect(ask(day(2, 6, 12), day(1, 0, 12))).toBeUndefined();
    expect(ask(day(2, 6, 13), day(1, 0, 13))).toBeDefined();
    const office = (seed: number, shift: number) => {
      const { hours, load } = day(seed, 0);
      const open = hours
        .map((hour, i) => ({ hour, load: load[i] ?? 0 }))
        .filter((one) => one.hour >= 8 && one.hour < 18);
      return { hours: open.map((one) => one.hour + shift), load: open.map((one) => one.load) };
    };
    expect(ask(office(2, 3), office(1, 0))).toBeUndefined();
  });

  it('is found by the number of rows alone where it follows the day', () => {
    const busy = (shift: number) => {
      const hours = Array.from({ length: 3000 }, (_, i) => {
        const at = (i * 0.618033988749895) % 1;
        return at < 0.2 ? Math.floor(at * 120) : 8 + Math.floor((at - 0.2) * 10);
      });
      return { hours: hours.map((hour) => (hour + shift + 24) % 24), load: hours.map(() => 1) };
    };
    expect(ask(busy(4), busy(0))).toMatchObject({ severity: 'error', evidence: { hours: 4 } });
    expect(ask(busy(0), busy(0))).toBeUndefined();
  });

  it('leaves out rows without an hour or a value', () => {
    const { hours, load } = day(2, 5);
    const gaps = {
      reference: new Map([['load', day(1, 0).load]]),
      current: new Map([['load', load.map((value, i) => (i % 7 === 0 ? null : value))]]),
    };
    const clock = {
      column: 'at',
      reference: day(1, 0).hours,
      current: hours.map((hour, i) => (i % 5 === 0 ? null : hour)),
    };
    expect(testHourShift(gaps, clock)).toMatchObject({ evidence: { hours: 5 } });
  });

  it('compares the shares of the rows that have an hour, also where many rows have none', () => {
    const [was, is] = [day(1, 0, 400), day(2, 5, 400)];
    const found = ask({ ...is, hours: is.hours.map((hour, i) => (i % 5 === 0 ? null : hour)) as number[] }, was);
    expect(found?.evidence.hours).toBe(5);
    expect(found?.evidence.residual).toBeLessThan(1.5);
  });
});

describe('what a moved clock is judged by', () => {
  const cut = ({ hours, load }: ReturnType<typeof day>, rows: number) => ({
    hours: hours.slice(0, rows),
    load: load.slice(0, rows),
  });
  /** A clock moved by five hours, with more columns beside the load. */
  const beside = (was: Readonly<Record<string, readonly (number | null)[]>>, now = was) => {
    const [before, after] = [day(1, 0), day(2, 5)];
    return testHourShift(
      {
        reference: new Map(Object.entries({ load: before.load, ...was })),
        current: new Map(Object.entries({ load: after.load, ...now })),
      },
      { column: 'at', reference: before.hours, current: after.hours },
    );
  };

  it('says by how many hours, and in which direction', () => {
    expect(ask(day(2, 5))).toMatchObject({
      detail: 'the course of the day is as before, 5 h later',
      selects: { kind: 'present', column: 'at' },
    });
    expect(ask(day(2, -5))?.detail).toBe('the course of the day is as before, 5 h earlier');
  });

  it('is three hundred rows in either window', () => {
    expect(ask(cut(day(2, 6), 299))).toBeUndefined();
    expect(ask(cut(day(2, 6), 300))?.evidence.hours).toBe(6);
    expect(ask(day(2, 6), cut(day(1, 0), 299))).toBeUndefined();
    expect(ask(day(2, 6), cut(day(1, 0), 300))?.evidence.hours).toBe(6);
  });

  it('is twenty hours of the day in either window, and a missing hour is none', () => {
    const open = (seed: number, shift: number, hours: number, isNull = false) => {
      const all = day(seed, 0);
      const kept = all.hours.flatMap((hour, i) => (hour < hours || isNull ? [i] : []));
      return {
        hours: kept.map((i) => ((all.hours[i] ?? 0) < hours ? ((all.hours[i] ?? 0) + shift) % 24 : null)),
        load: kept.map((i) => all.load[i] ?? 0),
      } as ReturnType<typeof day>;
    };
    expect(ask(open(2, 3, 20), open(1, 0, 20))?.evidence.hours).toBe(3);
    expect(ask(open(2, 3, 19), open(1, 0, 19))).toBeUndefined();
    expect(ask(open(2, 3, 19), open(1, 0, 24))).toBeUndefined();
    // 300 rows of nineteen hours look like those of all hours but for chance
    expect(ask(cut(open(2, 3, 20), 300), cut(day(1, 0), 300))?.evidence.hours).toBe(3);
    expect(ask(cut(open(2, 3, 19), 300), cut(day(1, 0), 300))).toBeUndefined();
    expect(ask(open(2, 3, 19, true), open(1, 0, 19, true))).toBeUndefined();
  });

  it('is neither the clock itself nor a column of one window', () => {
    expect(beside({ at: day(1, 0).hours }, { at: day(2, 5).hours })?.evidence.hours).toBe(5);
    expect(beside({ gone: day(1, 0).load }, {})?.evidence.hours).toBe(5);
  });

  it('is every column with three hundred values', () => {
    // the same course by the clock as before: it does not follow the load
    const still = (rows: number, shift: number) =>
      day(3, 0).hours.map((_, i) => (i < rows ? ((i + shift) % 24) ** 2 + (i % 7) : null));
    expect(beside({ still: still(299, 0) }, { still: still(299, 5) })?.evidence.hours).toBe(5);
    expect(beside({ still: still(1000, 0) }, { still: still(1000, 5) })).toBeUndefined();
  });

  it('is ranks, of which equal values have the same', () => {
    const light = (shift: number) => day(4, 0).hours.map((hour) => (hour >= 8 && hour < 18 + shift ? 1 : 0));
    const [before, after] = [day(1, 0), day(2, 7)];
    const found = testHourShift(
      { reference: new Map([['light', light(0)]]), current: new Map([['light', light(0)]]) },
      { column: 'at', reference: before.hours, current: after.hours },
    );
    expect(found?.evidence).toMatchObject({ hours: 7, residual: 0 });
    expect(
      testHourShift(
        { reference: new Map([['light', light(0)]]), current: new Map([['light', light(5)]]) },
        { column: 'at', reference: before.hours, current: after.hours },
      ),
    ).toBeUndefined();
  });
});

describe('the limits of a moved clock', () => {
  type Counts = Readonly<Record<number, number>>;
  const hoursOf = (rows: number, more: Counts): number[] =>
    Array.from({ length: 24 }, (_, hour) => Array.from({ length: more[hour] ?? rows }, () => hour)).flat();

  /** A clock with so many rows in each hour, moved by four hours. */
  const moved = (was: Counts, is: Counts, rows = 100) =>
    testHourShift(
      { reference: new Map(), current: new Map() },
      { column: 'at', reference: hoursOf(rows, was), current: hoursOf(rows, is) },
    );

  it('is a course that differs by six times as much as by chance', () => {
    // two hours with d rows more or less: 2 · d² / (200 + d) / 24 is 5.98 and 6.04
    expect(moved({ 8: 261 }, { 12: 261 })).toBeUndefined();
    expect(moved({ 8: 262 }, { 12: 262 })).toMatchObject({
      severity: 'error',
      likelyCause: 'another time zone',
      evidence: { hours: 4, residual: 0 },
    });
  });

  it('is three times chance, which the moved course may differ by', () => {
    // e rows go from one hour to the next: 400 · e² / (40,000 − e²) / 24 is 2.99 and 3.08
    expect(moved({ 8: 600 }, { 12: 600, 20: 178, 21: 22 })).toMatchObject({ evidence: { hours: 4, residual: 2.99 } });
    expect(moved({ 8: 600 }, { 12: 600, 20: 179, 21: 21 })).toBeUndefined();
  });

  it('is 15 % of the difference without a shift', () => {
    // of 11.57 and what e rows add, which is 2.04 and 2.10
    expect(moved({ 8: 350 }, { 12: 350, 20: 166, 21: 34 })).toBeDefined();
    expect(moved({ 8: 350 }, { 12: 350, 20: 167, 21: 33 })).toBeUndefined();
  });

  it('is that hours without rows have none, and are compared as well', () => {
    expect(moved({ 8: 600, 22: 0, 23: 0 }, { 12: 600, 2: 0, 3: 0 })?.evidence.hours).toBe(4);
    expect(moved({ 8: 600, 22: 0, 23: 0 }, { 12: 600 })).toBeUndefined();
  });

  it('is that hours without values of a column are not compared', () => {
    const [was, is] = [hoursOf(300, { 8: 547 }), hoursOf(300, { 12: 547 })];
    const noon = (hours: readonly number[], only: number) => hours.map((hour) => (hour === only ? 1 : null));
    expect(
      testHourShift(
        { reference: new Map([['noon', noon(was, 8)]]), current: new Map([['noon', noon(is, 12)]]) },
        { column: 'at', reference: was, current: is },
      )?.evidence.hours,
    ).toBe(4);
  });

  it('is twelve other columns', () => {
    const [before, after] = [day(1, 0), day(2, 5)];
    // the last column follows the clock instead of the load
    const columns = (follows: number, { load, hours }: typeof before) =>
      new Map([...Array.from({ length: follows }, (_, i) => [`load ${i}`, load] as const), ['clock', hours] as const]);
    const ask13 = (follows: number) =>
      testHourShift(
        { reference: columns(follows, before), current: columns(follows, after) },
        { column: 'at', reference: before.hours, current: after.hours },
      );
    expect(ask13(11)).toBeUndefined();
    expect(ask13(12)?.evidence.hours).toBe(5);
  });

  it('is that rounded values have the mean rank of those they stand for', () => {
    const [before, after] = [day(1, 0), day(2, 5)];
    const rounded = { ...after, load: after.load.map((value) => 20 * Math.round(value / 20)) };
    expect(ask(rounded, before)?.evidence.hours).toBe(5);
  });

  it('names the change of the clocks as the other reading of one hour', () => {
    expect(ask(day(2, 1))?.readings?.[1]?.text).toBe(
      'the clocks have changed, or the day begins an hour later or earlier',
    );
  });
});
