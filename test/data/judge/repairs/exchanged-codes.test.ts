import { describe, expect, it } from 'vitest';
import { testExchangedCodes } from '../../../../src/data/judge/repairs/exchanged-codes.js';
import type { RowEvidence } from '../../../../src/data/judge/row-evidence.js';
import { normals, pair, uniforms, type Value } from '../profiles.js';

const N = 2000;
type Row = readonly [sex: Value, height: number, name: string];
/** People whose height, and whose name, goes with a code; so many of a hundred have the first one. */
const people = (seed: number, share: number, codes: readonly [Value, Value] = ['m', 'f']): readonly Row[] => {
  const [chance, spread] = [uniforms(seed, N), normals(seed + 50, N)];
  return chance.map((one, i): Row => {
    const isFirst = one < share / 100;
    const height = (isFirst ? 178 : 165) + 7 * (spread[i] ?? 0);
    return [isFirst ? codes[0] : codes[1], height, isFirst === i % 10 < 8 ? 'Kim' : 'Jo'];
  });
};
const spread = normals(90, N);
const normalAt = (i: number): number => spread[i] ?? 0;
const turnedName = (name: string): string => (name === 'Kim' ? 'Jo' : 'Kim');
const turned = (rows: readonly Row[], places: ReadonlyMap<Value, Value>): readonly Row[] =>
  rows.map(([sex, ...rest]): Row => [places.get(sex) ?? sex, ...rest]);
const sides = (rows: readonly Row[]) =>
  new Map<string, readonly Value[]>([
    ['sex', rows.map((row) => row[0])],
    ['height', rows.map((row) => row[1])],
    ['name', rows.map((row) => row[2])],
    ['weight', rows.map((row, i) => 0.9 * row[1] + normalAt(i))],
  ]);
const evidence = (was: readonly Row[], is: readonly Row[]): RowEvidence => ({
  reference: sides(was),
  current: sides(is),
});
const codesOf = (rows: readonly Row[]): readonly Value[] => rows.map((row) => row[0]);
const judge = (was: readonly Row[], is: readonly Row[], isDrifting = true, rows?: RowEvidence) =>
  testExchangedCodes(pair('sex', codesOf(was), codesOf(is), { rows }), isDrifting);
const says = (...given: Parameters<typeof judge>): string => judge(...given)?.severity ?? 'nothing';
const swap = new Map<Value, Value>([
  ['m', 'f'],
  ['f', 'm'],
]);

describe('codes that have changed places', () => {
  it('are a fault where other columns moved along, and the world where they did not', () => {
    const [was, later] = [people(1, 70), people(2, 70)];
    const broken = turned(later, swap);
    expect(says(was, broken, true, evidence(was, broken))).toBe('error');
    const others = people(3, 30);
    expect(says(was, others, true, evidence(was, others))).toBe('nothing');
  });

  it('are a fault if two other columns moved along, or three where the shares hardly move, else unclear or nothing', () => {
    const saysWithout = (hidden: readonly string[], share: number, isDrifting: boolean): string => {
      const was = people(1, share);
      const broken = turned(people(2, share), swap);
      const without = (rows: ReadonlyMap<string, readonly Value[]>) =>
        new Map([...rows].filter(([name]) => !hidden.includes(name)));
      const { reference, current } = evidence(was, broken);
      return says(was, broken, isDrifting, { reference: without(reference), current: without(current) });
    };
    expect(saysWithout(['weight'], 70, true)).toBe('error');
    expect(saysWithout(['weight', 'name'], 70, true)).toBe('unclear');
    expect(saysWithout([], 51, false)).toBe('error');
    expect(saysWithout(['weight'], 51, false)).toBe('nothing');
  });

  it('are unclear where no other column says anything', () => {
    const [was, later] = [people(1, 70), people(2, 70)];
    expect(says(was, turned(later, swap))).toBe('unclear');
    // 56 and 44 of a hundred: a smaller move than 15 of a hundred
    expect(says(people(1, 56), turned(people(2, 56), swap))).toBe('nothing');
  });

  it('are found by the other columns where the shares hardly move', () => {
    const [was, later] = [people(1, 51), people(2, 51)];
    const broken = turned(later, swap);
    expect(says(was, broken, false, evidence(was, broken))).toBe('error');
    expect(says(was, later, false, evidence(was, later))).toBe('nothing');
    expect(says(was, broken, false)).toBe('nothing');
  });

  it('may be numbers', () => {
    const was = people(1, 80, [1, 0]);
    const broken = turned(
      people(2, 80, [1, 0]),
      new Map<Value, Value>([
        [0, 1],
        [1, 0],
      ]),
    );
    expect(judge(was, broken, true, evidence(was, broken))?.repair).toBe('write them as before: 0 for 1, 1 for 0');
  });

  it('have the shares of the others, and are the same codes', () => {
    const was = people(1, 70);
    expect(says(was, people(2, 50))).toBe('nothing');
    expect(says(was, people(2, 30, ['m', 'x']))).toBe('nothing');
    expect(says(was.slice(0, 99), turned(people(2, 70), swap))).toBe('nothing');
  });

  it('may move round', () => {
    const codes = ['a', 'b', 'c', 'd', 'e', 'g'];
    const drawn = (seed: number): string[] =>
      uniforms(seed, N).map((one) => codes[Math.min(5, Math.floor(6 * one ** 2))] ?? '');
    const moved = drawn(2).map((code) => codes[(codes.indexOf(code) + 1) % 6] ?? '');
    const found = testExchangedCodes(pair('kind', drawn(1), moved), true);
    expect(found).toMatchObject({ code: 'recoded', severity: 'unclear', evidence: { codes: 6 } });
  });

  it('are no fault where the relation of one other column has turned', () => {
    const [was, later] = [people(1, 50), people(2, 50)];
    // Women are taller now, and their names are still the same.
    const taller = later.map(([sex, , name], i): Row => [sex, (sex === 'f' ? 178 : 165) + 7 * normalAt(i), name]);
    expect(says(was, taller, false, evidence(was, taller))).toBe('nothing');
    const withoutNames = (rows: readonly Row[]): readonly Row[] =>
      rows.map(([sex, height]): Row => [sex, height, 'Jo']);
    const [alone, other] = [withoutNames(was), withoutNames(taller)];
    expect(says(alone, other, false, evidence(alone, other))).toBe('nothing');
  });

  it('are no fault where the other columns are half as far on the other side', () => {
    const was = people(1, 50);
    const nearer = people(2, 50).map(
      ([sex, , name], i): Row => [
        sex,
        (sex === 'f' ? 174.8 : 168.2) + 7 * normalAt(i),
        i % 4 === 0 ? name : turnedName(name),
      ],
    );
    expect(says(was, nearer, false, evidence(was, nearer))).toBe('nothing');
  });

  it('are no fault where the columns that say so have one of their own', () => {
    const [was, later] = [people(1, 50), people(2, 50)];
    const broken = turned(later, swap);
    const given = pair('sex', codesOf(was), codesOf(broken), { rows: evidence(was, broken) });
    expect(testExchangedCodes(given, false)?.severity).toBe('error');
    expect(testExchangedCodes({ ...given, suspects: new Set(['height']) }, false)).toBeUndefined();
  });

  it('are no fault where rows that follow each other are alike', () => {
    // A wave of twelve days that fine days follow by chance: eight of them are warm in one window, and cold in the next.
    const days = (sign: number): readonly Row[] =>
      Array.from({ length: N }, (_, i): Row => {
        const day = Math.floor((12 * i) / N);
        const isFine = [0, 1, 2, 5, 6, 9].includes(day);
        const warmth = sign * ([3, 2, 2, -2, 1, -1, 2, -3, -1, -2, 1, -2][day] ?? 0);
        return [isFine ? 'm' : 'f', warmth + normalAt(i), warmth > 0 === i % 10 < 8 ? 'Kim' : 'Jo'];
      });
    expect(says(days(1), days(-1), false, evidence(days(1), days(-1)))).toBe('nothing');
  });

  it('are found although another column has one value with a code', () => {
    const withFlag = (rows: readonly Row[]): readonly Row[] =>
      rows.map(([sex, height], i): Row => [sex, height, sex === 'f' ? 'Kim' : i % 9 === 0 ? 'Jo' : 'Kim']);
    const [was, later] = [withFlag(people(1, 51)), withFlag(people(2, 51))];
    const broken = turned(later, swap);
    expect(says(was, broken, false, evidence(was, broken))).toBe('error');
  });

  it('are named in the order that fits best', () => {
    const kinds = ['a', 'b', 'c', 'd'];
    const drawn = (seed: number): readonly Row[] =>
      uniforms(seed, N).map((one): Row => {
        const place = Math.floor(4 * one);
        // a and b are almost alike, and so are c and d.
        const size = [0, 0.4, 6, 6.4][place] ?? 0;
        return [
          kinds[place] ?? '',
          size + normalAt(Math.floor(one * 1e6) % N),
          one % 0.1 < 0.08 === place > 1 ? 'Kim' : 'Jo',
        ];
      });
    const was = drawn(1);
    const places = new Map<Value, Value>([
      ['a', 'd'],
      ['b', 'c'],
      ['c', 'b'],
      ['d', 'a'],
    ]);
    const broken = turned(drawn(2), places);
    expect(judge(was, broken, false, evidence(was, broken))?.detail).toContain('d for a, c for b, b for c, a for d');
  });
});
