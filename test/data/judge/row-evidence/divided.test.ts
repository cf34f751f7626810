import { describe, expect, it } from 'vitest';
import { dividedBy } from '../../../../src/data/judge/row-evidence.js';
import type { Value } from '../profiles.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('kinds that divide the rows', () => {
  const n = 1000;
  const by = (isMissing: (i: number) => boolean, kind: (i: number) => Value, count = n) =>
    dividedBy(
      {
        reference: new Map(),
        current: new Map<string, readonly Value[]>([
          ['x', upTo(count).map((i) => (isMissing(i) ? null : i))],
          ['kind', upTo(count).map(kind)],
        ]),
      },
      'x',
      (value) => value === null,
      new Set(),
    );
  const odd = (i: number): boolean => i % 2 === 1;

  it('may leave two rows of a hundred on the wrong side', () => {
    const besides = (count: number) =>
      by(
        (i) => odd(i) && i > 2 * count,
        (i) => (odd(i) ? 'a' : 'b'),
      );
    expect(besides(20)).toBe('kind');
    expect(besides(21)).toBeUndefined();
    const beyond = (count: number) =>
      by(
        (i) => odd(i) || i < 2 * count,
        (i) => (odd(i) ? 'a' : 'b'),
      );
    expect(beyond(20)).toBe('kind');
    expect(beyond(21)).toBeUndefined();
  });

  it('are those of another column', () => {
    const own = upTo(n).map((i) => (odd(i) ? null : 'a'));
    expect(
      dividedBy({ reference: new Map(), current: new Map([['x', own]]) }, 'x', (value) => value === null, new Set()),
    ).toBe(undefined);
  });

  it('have at most sixty values', () => {
    const of = (kinds: number) =>
      by(
        (i) => (i % kinds) % 2 === 1,
        (i) => `k${i % kinds}`,
        1200,
      );
    expect(of(60)).toBe('kind');
    expect(of(62)).toBeUndefined();
  });

  it('have at least ten rows on either side', () => {
    const of = (rows: number) =>
      by(
        (i) => i % 100 === 50 && i < 100 * rows,
        (i) => (i % 100 === 50 && i < 100 * rows ? 'a' : 'b'),
      );
    expect(of(9)).toBeUndefined();
    expect(of(10)).toBe('kind');
    const others = (rows: number) =>
      by(
        (i) => !(i % 100 === 50 && i < 100 * rows),
        (i) => (i % 100 === 50 && i < 100 * rows ? 'a' : 'b'),
      );
    expect(others(9)).toBeUndefined();
    expect(others(10)).toBe('kind');
  });

  it('may be missing themselves', () => {
    expect(by(odd, (i) => (odd(i) ? null : 'b'))).toBe('kind');
    expect(by(odd, (i) => (odd(i) ? null : 3))).toBe('kind');
  });

  it('are no dates in half of the rows or more', () => {
    const dated = (tenths: number) => (i: number) =>
      `${Math.floor(i / 2) % 10 < tenths ? '2026-03-0' : 'shop '}${odd(i) ? 1 : 2}`;
    expect(by(odd, dated(4))).toBe('kind');
    expect(by(odd, dated(5))).toBeUndefined();
  });

  it.each([
    ['2026-03-01', false],
    ['1/2/26', false],
    ['01.12.2026 10:00', false],
    ['12:30', false],
    ['2026-3', false],
    ['9:15 Oslo', false],
    ['12345-1-2', true],
    ['a 2026-03-01', true],
    ['1/234', true],
    ['at 12:30', true],
    ['12:3', true],
    ['123:30', true],
    ['2026', true],
    ['1-2x', true],
  ])('%s is one: %s', (text, isOne) => {
    expect(by(odd, (i) => (odd(i) ? text : `${text} `)) === 'kind').toBe(isOne);
  });

  it('lie side by side along at least half of the rows, without the tenths at the ends', () => {
    // the same two kinds by turns in the first rows, one of them after those
    const within = (rows: number) =>
      by(
        (i) => i < rows && odd(i),
        (i) => (i < rows && odd(i) ? 'a' : 'b'),
      );
    expect(within(640)).toBe('kind');
    expect(within(620)).toBeUndefined();
  });

  it('are figures at one limit, unless they tell a time', () => {
    const below = (figure: (place: number) => number) => {
      const place = (i: number): number => (i * 37) % n;
      return by(
        (i) => place(i) < 500,
        (i) => figure(place(i)),
      );
    };
    expect(below((place) => 18 + Math.floor(place / 20))).toBe('kind');
    expect(below((place) => place / 7)).toBe('kind');
    expect(below((place) => place)).toBeUndefined();
    for (const units of [1, 1e3, 1e6]) expect(below((place) => (1.77e9 + 60.5 * place) * units)).toBeUndefined();
    expect(below((place) => 20260301 + Math.floor(place / 40))).toBeUndefined();
    expect(below((place) => 202601 + Math.floor(place / 100))).toBeUndefined();
    // no months of those years
    expect(below((place) => 202650 + Math.floor(place / 100))).toBe('kind');
  });
});
