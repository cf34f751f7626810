import { describe, expect, it } from 'vitest';
import { correlation, jointOf, jointVerdict } from '../../../../src/data/judge/row-evidence.js';
import type { Value } from '../profiles.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
/**
 * 0, 1, 2 … moved round by k. Beside the unmoved ones, Spearman's rank correlation is 1 − 6k(n − k) / (n² − 1), because k
 * ranks differ by n − k and the others by k.
 */
const turned = (count: number, k: number): number[] => upTo(count).map((i) => (i + k) % count);
const spearman = (n: number, k: number): number => 1 - (6 * k * (n - k)) / (n * n - 1);
const minus = (values: readonly number[]): number[] => values.map((value) => -value);
const flip = (value: number): number => -value;

describe("Spearman's rank correlation", () => {
  it('is as its formula says', () => {
    for (const k of [5, 30, 70])
      expect(correlation(upTo(100), turned(100, k))?.z).toBeCloseTo(Math.atanh(spearman(100, k)), 9);
  });

  it('is taken as at most 0.9999, whose z is finite', () => {
    expect(correlation(upTo(100), upTo(100))?.z).toBeCloseTo(Math.atanh(0.9999), 9);
    expect(correlation(upTo(100), minus(upTo(100)))?.z).toBeCloseTo(-Math.atanh(0.9999), 9);
  });

  it('leaves out rows in which either column has no number', () => {
    const gaps: Value[] = upTo(100).map((i) => (i < 20 ? null : i < 30 ? 'none' : i));
    expect(correlation(gaps, turned(100, 0))?.pairs).toBe(70);
    expect(correlation(turned(100, 0), gaps)?.pairs).toBe(70);
    expect(correlation([...upTo(60), Number.NaN], upTo(61))?.pairs).toBe(60);
  });

  it('is unknown beside a column of one value', () => {
    const ones = upTo(100).map(() => 1);
    expect(correlation(ones, upTo(100))).toBeUndefined();
    expect(correlation(upTo(100), ones)).toBeUndefined();
  });
});

describe('a sign that may have been flipped', () => {
  /** A companion turned by `was` in the reference and by `is` in the window. */
  const judge = ([n, was]: readonly [number, number], [m, is]: readonly [number, number], sign: 1 | -1): string =>
    jointOf(
      {
        reference: new Map([
          ['x', upTo(n)],
          ['y', turned(n, was)],
        ]),
        current: new Map([
          ['x', upTo(m).map((value) => sign * value)],
          ['y', turned(m, is)],
        ]),
      },
      'x',
      flip,
      1,
    );

  it('needs a change of five standard errors, √(1.06 / (n − 3) + 1.06 / (m − 3))', () => {
    // 2z: 0.768 and 0.666; 5 errors: 0.739
    expect(judge([100, 12], [100, 12], -1)).toBe('fault');
    expect(judge([100, 12], [100, 12], 1)).toBe('world');
    expect(judge([100, 13], [100, 13], -1)).toBe('silent');
    // 0.740 and 0.676; 0.690
    expect(judge([62, 7], [1000, 113], -1)).toBe('fault');
    expect(judge([62, 8], [1000, 129], -1)).toBe('silent');
    // 0.727 and 0.696; 0.701
    expect(judge([1000, 124], [60, 7], -1)).toBe('fault');
    expect(judge([1000, 127], [60, 8], -1)).toBe('silent');
  });

  it('needs a correlation within 3.5 standard errors of either', () => {
    // 0.897 + 0.384 and 1.019 + 0.384 are 0.513 and 0.635 from ∓0.384; 3.5 errors: 0.517
    expect(judge([100, 12], [100, 5], -1)).toBe('fault');
    expect(judge([100, 12], [100, 5], 1)).toBe('world');
    expect(judge([100, 12], [100, 4], -1)).toBe('silent');
    expect(judge([100, 12], [100, 4], 1)).toBe('silent');
  });

  it('or within a quarter of the change', () => {
    // 2.394 and 2.598 from 4.952; a quarter of twice that is 2.476
    expect(judge([1000, 0], [1000, 2], -1)).toBe('fault');
    expect(judge([1000, 0], [1000, 2], 1)).toBe('world');
    expect(judge([1000, 0], [1000, 3], -1)).toBe('silent');
    expect(judge([1000, 0], [1000, 3], 1)).toBe('silent');
  });
});

describe('several companions of a column', () => {
  /** How each is now: as the fault makes it, as it was, neither, or without a relation in the reference. */
  type Kind = 'fault' | 'world' | 'neither' | 'unrelated' | 'gone' | 'text';
  const n = 1000;
  const now: Readonly<Record<Kind, readonly Value[] | undefined>> = {
    fault: minus(upTo(n)),
    world: upTo(n),
    neither: turned(n, 211),
    unrelated: turned(n, 211),
    gone: undefined,
    text: upTo(n).map(String),
  };
  const judge = (...kinds: readonly Kind[]): string => {
    const names = kinds.map((kind, i) => [`${kind} ${i}`, kind] as const);
    const was = (kind: Kind): readonly Value[] => (kind === 'unrelated' ? turned(n, 211) : upTo(n));
    return jointVerdict(
      {
        reference: new Map<string, readonly Value[]>([
          ['x', upTo(n)],
          ...names.map(([name, kind]) => [name, was(kind)] as const),
        ]),
        current: new Map<string, readonly Value[]>([
          ['x', upTo(n)],
          ...names.flatMap(([name, kind]) => {
            const values = now[kind];
            return values === undefined ? [] : [[name, values] as const];
          }),
        ]),
      },
      new Map([['x', minus(upTo(n))]]),
    );
  };
  const many = (kind: Kind, count: number): Kind[] => upTo(count).map(() => kind);

  it('must agree by four fifths', () => {
    for (const kind of ['fault', 'world'] as const)
      for (const other of ['neither', kind === 'fault' ? 'world' : 'fault'] as const) {
        expect(judge(...many(kind, 4), other)).toBe(kind);
        expect(judge(...many(kind, 3), other)).toBe('silent');
      }
  });

  it('count only if the fault changes their relation', () => {
    expect(judge('unrelated')).toBe('silent');
    expect(judge('unrelated', 'unrelated', 'fault')).toBe('fault');
    expect(judge('gone', 'text', 'world')).toBe('world');
    expect(judge()).toBe('silent');
  });

  it('are the first twelve', () => {
    expect(judge(...many('unrelated', 11), 'fault')).toBe('fault');
    expect(judge(...many('unrelated', 12), 'fault')).toBe('silent');
  });

  it('are none of the faulty columns, nor is one that is missing', () => {
    const rows = (names: readonly string[]) => new Map(names.map((name) => [name, upTo(n)]));
    const both = new Map([
      ['x', minus(upTo(n))],
      ['y', minus(upTo(n))],
    ]);
    expect(jointVerdict({ reference: rows(['x', 'y']), current: rows(['x', 'y']) }, both)).toBe('silent');
    expect(jointVerdict({ reference: rows(['x', 'y', 'z']), current: rows(['x', 'z']) }, both)).toBe('world');
    expect(jointVerdict({ reference: rows(['y', 'z']), current: rows(['x', 'y', 'z']) }, both)).toBe('world');
  });
});

it('applies a change to the rows that it affects, and to numbers only', () => {
  // by half of the rows a correlation of 1 falls to about 0; the window has lost it as well
  const half = (values: readonly Value[]): Value[] =>
    values.map((value, i) => (typeof value === 'number' && (i * 0.7548776662466927) % 1 < 0.5 ? -value : value));
  const x = upTo(1000).map((i) => i + 1);
  const gaps: Value[] = x.map((value) => (value % 10 === 0 ? null : value % 10 === 1 ? 'none' : value));
  for (const values of [x, gaps]) {
    const rows = (now: readonly Value[]) => ({
      reference: new Map<string, readonly Value[]>([
        ['x', values],
        ['y', x],
      ]),
      current: new Map<string, readonly Value[]>([
        ['x', now],
        ['y', x],
      ]),
    });
    expect(jointOf(rows(half(values)), 'x', flip, 0.5)).toBe('fault');
    expect(jointOf(rows(values), 'x', flip, 0.5)).toBe('world');
    expect(jointOf(rows(half(values)), 'x', flip, 1)).toBe('silent');
  }
});
