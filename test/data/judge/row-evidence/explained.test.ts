import { describe, expect, it } from 'vitest';
import { explainedBy } from '../../../../src/data/judge/row-evidence.js';
import type { Value } from '../profiles.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a share that another column explains', () => {
  const times = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);
  /** Rows of a value, of which so many are missing in `x`. */
  type Group = readonly [value: Value, rows: number, missing: number];
  const rows = (groups: readonly Group[]) =>
    new Map<string, readonly Value[]>([
      ['x', groups.flatMap(([, count, missing]) => [...times(null, missing), ...times(1, count - missing)])],
      ['by', groups.flatMap(([value, count]) => times(value, count))],
    ]);
  const ask = (was: readonly Group[], is: readonly Group[]) =>
    explainedBy({ reference: rows(was), current: rows(is) }, 'x', (value) => value === null, new Set());
  const REST = 800;
  const was: readonly Group[] = [
    ['north', 200, 100],
    ['south', REST, 0],
  ];

  it('may leave three tenths of the rise', () => {
    // half of the northern 800 are 40 %, 10 % before: 0.4 + 0.3 · (share − 0.1) = share at 52.9 %
    const is = (missing: number): readonly Group[] => [
      ['north', 800, missing],
      ['south', 200, 0],
    ];
    expect(ask(was, is(528))).toEqual({ by: 'by', expected: 0.4 });
    expect(ask(was, is(530))).toBeUndefined();
  });

  it('or three standard errors', () => {
    // 3 · √(0.1 · 0.9 / 1,000) = 0.0285
    const is = (missing: number): readonly Group[] => [
      ['north', 200, missing],
      ['south', REST, 0],
    ];
    expect(ask(was, is(128))?.expected).toBeCloseTo(0.1, 9);
    expect(ask(was, is(129))).toBeUndefined();
  });

  it('is that of all rows for values without ten rows in the reference, and for missing ones', () => {
    const few = (count: number): readonly Group[] => [
      ['north', 200, 100],
      ['east', count, count],
      ['south', REST - count, 0],
    ];
    // of 1,000 rows 10.9 or 11 % are missing; all eastern ones are
    expect(ask(few(10), [['east', 100, 100]])?.expected).toBe(1);
    expect(ask(few(9), [['east', 100, 11]])?.expected).toBeCloseTo(0.109, 9);
    expect(ask(few(9), [['east', 100, 100]])).toBeUndefined();
    expect(ask(few(10), [['west', 100, 11]])?.expected).toBeCloseTo(0.11, 9);
    expect(ask(few(10), [[null, 100, 11]])?.expected).toBeCloseTo(0.11, 9);
    const gone: readonly Group[] = [
      [null, 200, 100],
      ['south', 400, 0],
      ['east', 400, 0],
    ];
    expect(ask(gone, [[null, 100, 10]])?.expected).toBeCloseTo(0.1, 9);
  });

  it('needs two values, beside the missing ones', () => {
    const is: readonly Group[] = [['a', 1000, 500]];
    expect(
      ask(
        [
          ['a', 500, 250],
          ['b', 500, 0],
        ],
        is,
      )?.expected,
    ).toBe(0.5);
    expect(
      ask(
        [
          ['a', 500, 250],
          [null, 500, 0],
        ],
        is,
      ),
    ).toBeUndefined();
  });

  it('needs two to sixty groups', () => {
    const groups = (count: number, missing: number): readonly Group[] =>
      upTo(count).map((i) => [`g${i}`, 20, i === 0 ? missing : 0]);
    expect(ask(groups(2, 20), [['g0', 100, 100]])?.expected).toBe(1);
    expect(ask(groups(60, 20), [['g0', 100, 100]])?.expected).toBe(1);
    expect(ask(groups(61, 20), [['g0', 100, 100]])).toBeUndefined();
    // 90 of 100 southern rows are beyond the 50 of the reference, in one group
    expect(ask([['south', 100, 50]], [['south', 100, 52]])).toBeUndefined();
  });

  it('has ten groups of equal size of a number with more than sixty values', () => {
    const ages = (from: number, until: number, missing: (age: number) => boolean): readonly Group[] =>
      upTo(until - from).map((i) => [from + i, 1, missing(from + i) ? 1 : 0]);
    const all = ages(0, 1000, (age) => age > 900);
    // the tenth group is 901 to 999
    expect(
      ask(
        all,
        ages(901, 1000, () => true),
      )?.expected,
    ).toBe(1);
    expect(
      ask(
        all,
        ages(801, 900, () => false),
      )?.expected,
    ).toBe(0);
    expect(
      ask(
        all,
        ages(801, 901, () => true),
      ),
    ).toBeUndefined();
    // values in any order, half of them missing, and texts among them
    const mixed = [...all].reverse();
    expect(
      ask(
        mixed,
        ages(901, 1000, () => true),
      )?.expected,
    ).toBe(1);
    expect(
      ask(
        [...all, [null, 1000, 0]],
        ages(901, 1000, () => true),
      )?.expected,
    ).toBe(1);
    expect(
      ask(
        [...all, [null, 1001, 0]],
        ages(901, 1000, () => true),
      ),
    ).toBeUndefined();
    // a missing age says nothing: 99 of 2,000 rows are missing
    expect(ask([...all, [null, 1000, 0]], [[null, 100, 5]])?.expected).toBeCloseTo(0.0495, 9);
  });

  it('has a group for each of up to sixty numbers', () => {
    const codes = (count: number): readonly Group[] => upTo(count).map((i) => [i, 20, i === 7 ? 20 : 0]);
    expect(ask(codes(60), [[7, 100, 100]])?.expected).toBe(1);
    // of 61 each tenth has six or seven
    expect(ask(codes(61), [[7, 100, 100]])).toBeUndefined();
  });

  it('names the first of several columns that explain it, and not the column itself', () => {
    const one = rows([
      ['north', 800, 400],
      ['south', 200, 0],
    ]);
    const more = (map: ReadonlyMap<string, readonly Value[]>) =>
      new Map([
        ['same', (map.get('by') ?? []).map(() => 'a')],
        ...map,
        ['again', map.get('by') ?? []],
        ['lost', map.get('by') ?? []],
      ]);
    const [reference, current] = [more(rows(was)), more(one)];
    const named = (ignore: readonly string[]) =>
      explainedBy({ reference, current }, 'x', (value) => value === null, new Set(ignore))?.by;
    expect(named([])).toBe('by');
    expect(named(['by'])).toBe('again');
    current.delete('again');
    expect(named(['by'])).toBe('lost');
    expect(named(['by', 'lost'])).toBeUndefined();
  });
});
