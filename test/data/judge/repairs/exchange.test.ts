import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testExchange } from '../../../../src/data/judge/repairs/swapped-columns.js';
import { column, normals, pair, roundTo } from '../profiles.js';

const N = 2000;
const wide = (seed: number): number[] => normals(seed, N, (z) => 50 + 10 * z);
const high = (seed: number): number[] => normals(seed, N, (z) => 100 + 10 * z);

const says = (a: ColumnPast, b: ColumnPast): string => testExchange(a, b)?.[0].severity ?? 'nothing';

describe('two columns that look like each other', () => {
  it('are unclear by their distributions alone', () => {
    const found = testExchange(pair('a', wide(1), high(3)), pair('b', high(2), wide(4)));
    expect(found?.map((one) => [one.code, one.severity])).toEqual([
      ['exchanged', 'unclear'],
      ['exchanged', 'unclear'],
    ]);
    expect(found?.[0]).toMatchObject({ selects: { kind: 'present', column: 'a' }, evidence: { with: 'b' }, rows: N });
    expect(found?.[0].readings?.[1]?.text).toContain('"a" and "b"');
  });

  it('are a fault where their decimal grids were exchanged, too', () => {
    const [wholes, cents] = [
      (seed: number) => wide(seed).map(Math.round),
      (seed: number) => high(seed).map(roundTo(2)),
    ];
    expect(says(pair('a', wholes(1), cents(3)), pair('b', cents(2), wholes(4)))).toBe('error');
    // the grids have stayed: each column has become like the other by itself
    expect(says(pair('a', wholes(1), high(3).map(Math.round)), pair('b', cents(2), wide(4).map(roundTo(2))))).toBe(
      'unclear',
    );
    const some = (own: readonly number[], other: readonly number[]): number[] =>
      own.map((value, i) => (i % 3 === 0 ? (other[i] ?? 0) : value));
    const [a, b] = [wholes(5), cents(6)];
    expect(says(pair('a', wholes(1), some(a, b)), pair('b', cents(2), some(b, a)))).toBe('error');
  });

  it('are settled by a third column', () => {
    const [a, b, a2, b2] = [wide(1), high(2), wide(3), high(4)];
    const like = (values: readonly number[], seed: number): number[] => {
      const noise = normals(seed, N, (z) => 5 * z);
      return values.map((value, i) => value + (noise[i] ?? 0));
    };
    const rows = (third: readonly number[]) => ({
      reference: new Map([
        ['a', a],
        ['b', b],
        ['c', like(a, 5)],
      ]),
      current: new Map([
        ['a', b2],
        ['b', a2],
        ['c', third],
      ]),
    });
    const judge = (third: readonly number[]): string =>
      says(pair('a', a, b2, { rows: rows(third) }), pair('b', b, a2, { rows: rows(third) }));
    // c goes with what was a, and is under b now
    expect(judge(like(a2, 6))).toBe('error');
    // c goes with a still: a itself has become another
    expect(judge(like(b2, 6))).toBe('nothing');
  });

  it('are unclear where they are both ends of a movement, which turns round with all its relations', () => {
    const [a, b] = [normals(1, N, (z) => 50 + 10 * z), normals(2, N, (z) => 100 + 30 * z)];
    const [a2, b2] = [normals(3, N, (z) => 50 + 10 * z), normals(4, N, (z) => 100 + 30 * z)];
    const judge = (first: string, second: string, from = a, to = b, from2 = b2, to2 = a2): string => {
      const rows = {
        reference: new Map([
          [first, from],
          [second, to],
          ['fare', from.map((one, i) => one + 5 * Math.sin(i))],
        ]),
        current: new Map([
          [first, from2],
          [second, to2],
          ['fare', to2.map((one, i) => one + 5 * Math.sin(i))],
        ]),
      };
      return says(pair(first, from, from2, { rows }), pair(second, to, to2, { rows }));
    };
    expect(judge('a', 'b')).toBe('error');
    expect(judge('from_floor', 'to_floor')).toBe('unclear');
    expect(judge('startZone', 'endZone')).toBe('unclear');
    expect(judge('end_zone', 'start_zone')).toBe('unclear');
    expect(judge('start_zone', 'end_fare')).toBe('error');
    // an end is never before its start
    const end = (start: readonly number[], length: readonly number[]) =>
      start.map((one, i) => one + 20 + Math.abs(length[i] ?? 0));
    expect(judge('start_km', 'end_km', a, end(a, b), end(a2, b2), a2)).toBe('error');
  });

  it.each([
    ['only one has moved', pair('a', wide(1), high(3)), pair('b', high(2), high(4))],
    ['neither has', pair('a', wide(1), wide(3)), pair('b', high(2), high(4))],
    [
      'they have moved elsewhere',
      pair(
        'a',
        wide(1),
        normals(3, N, (z) => 130 + 10 * z),
      ),
      pair(
        'b',
        high(2),
        normals(4, N, (z) => 20 + 10 * z),
      ),
    ],
    ['one is text', pair('a', wide(1), high(3)), pair('b', ['x', 'y'], ['y', 'x'])],
  ])('are nothing where %s', (_, a, b) => {
    expect(says(a, b)).toBe('nothing');
  });

  it('must agree on the share of exchanged rows', () => {
    const part = (own: readonly number[], other: readonly number[], share: number): number[] =>
      own.map((value, i) => ((i * 0.618034) % 1 < share ? (other[i] ?? 0) : value));
    const judge = (first: number, second: number): string =>
      says(pair('a', wide(1), part(wide(3), high(5), first)), pair('b', high(2), part(high(4), wide(6), second)));
    expect(judge(0.4, 0.45)).toBe('unclear');
    expect(judge(0.3, 0.6)).toBe('nothing');
  });

  it('are nothing within what earlier windows had', () => {
    const past = [7, 8, 9].map((seed) => column('a', high(seed)));
    expect(says(pair('a', wide(1), high(3), { past }), pair('b', high(2), wide(4)))).toBe('nothing');
  });
});
