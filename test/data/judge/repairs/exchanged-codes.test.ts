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
const turned = (rows: readonly Row[], places: ReadonlyMap<Value, Value>): readonly Row[] =>
  rows.map(([sex, ...rest]): Row => [places.get(sex) ?? sex, ...rest]);
const sides = (rows: readonly Row[]) =>
  new Map<string, readonly Value[]>([
    ['sex', rows.map((row) => row[0])],
    ['height', rows.map((row) => row[1])],
    ['name', rows.map((row) => row[2])],
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
});
