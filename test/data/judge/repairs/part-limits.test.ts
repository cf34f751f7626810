import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testStrangers } from '../../../../src/data/judge/repairs/part-repair.js';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { pair } from '../profiles.js';

/** Evenly from 0 to 1, in mixed order. */
const units = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 0.6180339887498949) % 1);
const even = (count = 1000): number[] => units(count).map((u) => 100 + 100 * u);
/** From 1 to this many times as much, evenly on the logarithmic scale. */
const wide = (times: number, count = 1000): number[] => units(count).map((u) => times ** u);
/** The first rows changed, which are spread evenly. */
const some = (count: number, values: readonly number[], change: (value: number) => number): number[] =>
  values.map((value, i) => (i < count ? change(value) : value));
const by = (factor: number) => (value: number) => factor * value;

const says = (one: ColumnPast, judge = testRepairs): string => {
  const found = judge(one);
  return found === undefined ? 'nothing' : `${found.severity} ${found.repair}`;
};

describe('a part of the rows', () => {
  it('leaves at most a fifth of the drift', () => {
    const besides = (others: number) => some(others, some(500, even(), by(1000)), () => 1e9);
    expect(says(pair('x', even(), besides(90)))).toBe('unclear divide by 1000');
    expect(says(pair('x', even(), besides(110)))).toBe('nothing');
  });

  it('is at most nine tenths of them for a small factor', () => {
    const inches = (count: number) => says(pair('height', even(), some(count, even(), by(1 / 2.54))));
    expect(inches(890)).toBe('unclear multiply by 2.54 (inches to centimetres)');
    expect(inches(910)).toBe('nothing');
  });

  it('shows a small factor only where no other would do as well', () => {
    const inches = (values: readonly number[], factor = 2.54) =>
      says(pair('height', values, some(300, values, by(1 / factor))));
    expect(inches(even())).toBe('unclear multiply by 2.54 (inches to centimetres)');
    expect(inches(even(), 2.54 * Math.exp(0.05))).toBe('nothing');
    expect(inches(even(), 2.54 * Math.exp(-0.05))).toBe('nothing');
    expect(inches(wide(5))).toBe('unclear multiply by 2.54 (inches to centimetres)');
    expect(inches(wide(30))).toBe('nothing');
  });

  it('may be packs where their grid has moved, unless the name says otherwise', () => {
    const wholes = units(1000).map((u) => 10 + Math.floor(200 * u));
    const dozens = some(300, wholes, by(12));
    expect(says(pair('x', wholes, dozens))).toBe('unclear divide by 12 (months to years)');
    expect(says(pair('tenure', wholes, dozens))).toBe('error divide by 12 (months to years)');
  });

  it('is settled by another column for a large factor as well', () => {
    const was = even();
    const is = some(300, was, by(1000));
    const rows = (third: readonly number[]) => ({
      reference: new Map([
        ['x', was],
        ['y', was],
      ]),
      current: new Map([
        ['x', is],
        ['y', third],
      ]),
    });
    expect(says(pair('x', was, is, { rows: rows(was) }))).toBe('error divide by 1000');
    expect(says(pair('x', was, is, { rows: rows(is) }))).toBe('nothing');
  });

  it('is one of a small factor if another column says so', () => {
    const was = Array.from({ length: 1000 }, (_, i) => 100 + 100 * ((i * 0.7548776662466927) % 1));
    const is = some(300, was, by(1 / 2.54));
    const rows = {
      reference: new Map([
        ['height', was],
        ['y', was],
      ]),
      current: new Map([
        ['height', is],
        ['y', was],
      ]),
    };
    expect(says(pair('height', was, is, { rows }))).toBe('error multiply by 2.54 (inches to centimetres)');
  });

  it('is certain if the factor of the strangers is the right one to 3 % beside its interval', () => {
    // half of the interval: 2.58 · √(1.06 · 0.23² · (1 / 1,000 + 1 / 300)) = 0.04
    const off = (by_: number) => says(pair('x', even(), some(300, even(), by(1000 * Math.exp(by_)))));
    expect([-0.08, -0.06, 0.06, 0.08].map(off)).toEqual(
      ['unclear', 'error', 'error', 'unclear'].map((severity) => `${severity} divide by 1000`),
    );
  });

  it('is certain from four values on, whatever their spread', () => {
    const of = (count: number) => {
      const values = units(400).map((u) => 2 * 30 ** Math.floor(count * u));
      return says(pair('x', values, some(160, values, by(1e6))));
    };
    expect(of(3)).toBe('unclear divide by 1000000');
    expect(of(4)).toBe('error divide by 1000000');
  });
});

describe('values that the column never had', () => {
  const stranger = (one: ColumnPast): string => says(one, testStrangers);

  it('are certain if their factor is known to ±15 %', () => {
    // 2 · 2.58 · √(1.06 · 0.23² · (1 / 1,000 + 1 / n)) = 0.3 at about 17 rows
    expect(stranger(pair('x', even(), some(15, even(), by(1000))))).toBe('unclear divide by 1000');
    expect(stranger(pair('x', even(), some(20, even(), by(1000))))).toBe('error divide by 1000');
  });

  it('say nothing of a repair that concerns less than two of a hundred values, or that more rows need than there are', () => {
    /** So many of a thousand values are 500 to 1,000, so many of the window tenfold these. The others are below ten. */
    const tail = (was: number, is: number) => {
      const values = (count: number, factor: number) =>
        units(1000).map((u, i) => (i < count ? factor * (500 + 500 * u) : 1 + 8 * u));
      return stranger(pair('x', values(was, 1), values(is, 10), { isFirstLook: true }));
    };
    expect(tail(20, 20)).toBe('unclear divide by 10');
    expect(tail(19, 19)).toBe('nothing');
    // a share of 1.2, and of 1.25
    expect(tail(20, 24)).toBe('unclear divide by 10');
    expect(tail(20, 25)).toBe('nothing');
    // earlier windows are asked whether the others stayed: all values below ten have
    expect(
      stranger(
        pair(
          'x',
          units(1000).map((u, i) => (i < 20 ? 500 + 500 * u : 1 + 8 * u)),
          units(1000).map((u, i) => (i < 20 ? 5000 + 5000 * u : 1 + 8 * u)),
        ),
      ),
    ).toBe('nothing');
  });

  it('are those of a short list if nine of ten are when repaired', () => {
    const list = Array.from({ length: 12 }, (_, i) => 10 * Math.exp(i / 5.5));
    const drawn = Array.from({ length: 1200 }, (_, i) => list[i % 12] ?? 0);
    /** Ten of the values, so many of which lie beside the list. */
    const miles = (others: number) =>
      Array.from({ length: 1200 }, (_, i) => {
        const value = list[1 + (i % 10)] ?? 0;
        return i < 300 ? 1.609344 * (i % 10 < others ? 1.03 * value : value) : (list[i % 12] ?? 0);
      });
    expect(stranger(pair('distance', drawn, miles(1)))).toBe('error divide by 1.609344 (kilometres to miles)');
    expect(stranger(pair('distance', drawn, miles(2)))).not.toMatch('error');
  });

  it('are not selected by their range where a tenth of them lies in it', () => {
    const wholes = units(1000).map((u) => 1 + Math.floor(1000 * u));
    const found = testStrangers(pair('distance', wholes, some(300, wholes, by(1.609344))));
    expect(found).toMatchObject({ severity: 'error', selects: undefined });
    const high = wholes.map((value) => 1000 + value);
    expect(testStrangers(pair('distance', high, some(300, high, by(3.6))))?.selects).toBeUndefined();
    expect(testStrangers(pair('distance', high, some(300, high, by(1 / 0.3048))))).toMatchObject({
      severity: 'error',
      selects: { kind: 'outside', lower: Math.min(...high), upper: Math.max(...high) },
    });
  });
});
