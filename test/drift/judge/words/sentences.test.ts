import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareColumn } from '../../../../src/drift/judge/compare-column.js';
import { seededNormal, seededRandom } from '../../../../src/statistics/random.js';
import { type RowValue, untrueParts } from '../../../support/drift-sentences.js';
import { numbers, OPTIONS, texts, windowOf } from '../columns.js';

type Draw = (tools: { readonly u: () => number; readonly z: () => number }) => number;

/** Kinds of number columns: with few digits and with all, of few values, with a spike, large, small and negative. */
const LAWS: readonly Draw[] = [
  ({ z }) => z(),
  ({ z }) => Math.round(1000 * z()) / 1000,
  ({ z }) => Math.round(100 * Math.exp(z())) / 100,
  ({ z }) => Math.exp(3 * z()),
  ({ u }) => Math.floor(6 * u() ** 2),
  ({ u }) => (u() < 0.3 ? 1 : 0),
  ({ u, z }) => (u() < 0.4 ? 1 / 3 : z()),
  ({ z }) => 1e12 + Math.round(1e6 * z()),
  ({ z }) => 1e-9 * z(),
  ({ z }) => -Math.abs(z()) - 5,
  ({ u }) => Math.floor(300 * u()),
];
const MOVES: readonly ((x: number, u: () => number) => number)[] = [
  (x) => x + 0.5 * Math.abs(x) + 1e-9,
  (x) => x * 0.6,
  (x) => -x,
  (x, u) => (u() < 0.2 ? 9999 : x),
  (x, u) => (u() < 0.3 ? 0 : x),
  (x) => x * 10,
];

const drawRows = (
  seed: number,
  rows: number,
  gaps: number,
  draw: (tools: Parameters<Draw>[0]) => number,
): RowValue[] => {
  const tools = { u: seededRandom(seed), z: seededNormal(seed) };
  return Array.from({ length: rows }, () => (tools.u() < gaps ? null : draw(tools)));
};

const sizes = fc.constantFrom(60, 200, 1200, 4000);

describe('every sentence about a column is true of its rows', () => {
  it('of number columns', () => {
    let explained = 0;
    fc.assert(
      fc.property(
        fc.record({
          law: fc.constantFrom(...LAWS.keys()),
          move: fc.constantFrom(...MOVES.keys()),
          seed: fc.integer({ min: 1, max: 1e6 }),
          n: sizes,
          m: sizes,
          gaps: fc.constantFrom(0, 0.1),
          moreGaps: fc.constantFrom(0, 0.15),
        }),
        ({ law, move, seed, n, m, gaps, moreGaps }) => {
          const draw = LAWS[law] ?? (() => 0);
          const moved = MOVES[move] ?? ((x: number) => x);
          const reference = drawRows(seed, n, gaps, draw) as (number | null)[];
          const current = drawRows(seed + 1, m, moreGaps, (tools) => moved(draw(tools), tools.u)) as (number | null)[];
          const column = numbers(reference);
          const judged = compareColumn(column, windowOf(column, current), OPTIONS);
          if (judged.verdict !== 'drift') return;
          explained++;
          expect(untrueParts(judged.detail ?? '', { reference, current })).toEqual([]);
        },
      ),
      { numRuns: 120, seed: 7 },
    );
    expect(explained).toBeGreaterThan(60);
  });

  it('of text columns, whatever their values are', () => {
    const value = fc.constantFrom(
      'a',
      'b',
      'yes',
      '',
      ' ',
      'missing',
      'other',
      'x: 5 % of the rows, now 6 %',
      '" q',
      'ü'.repeat(60),
      '10 … 20',
      'a;b',
      'c\nd',
    );
    let explained = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(value, { minLength: 2, maxLength: 8 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })), {
          minLength: 8,
          maxLength: 8,
        }),
        fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })),
        (values, counts, [gaps, moreGaps]) => {
          const side = (which: 0 | 1) => Object.fromEntries(values.map((one, i) => [one, counts[i]?.[which] ?? 0]));
          const rows = (of: Readonly<Record<string, number>>, missing: number): RowValue[] => [
            ...Object.entries(of).flatMap(([one, count]) => new Array<RowValue>(count).fill(one)),
            ...new Array<RowValue>(missing).fill(null),
          ];
          const judged = compareColumn(texts(side(0), gaps), texts(side(1), moreGaps), OPTIONS);
          if (judged.verdict !== 'drift') return;
          explained++;
          const data = { reference: rows(side(0), gaps), current: rows(side(1), moreGaps) };
          expect(untrueParts(judged.detail ?? '', data)).toEqual([]);
        },
      ),
      { numRuns: 120, seed: 8 },
    );
    expect(explained).toBeGreaterThan(60);
  });

  it('of the missing ones and the new ones', () => {
    const uniform = Array.from({ length: 1000 }, (_, i) => i);
    const gaps = uniform.map((value) => (value % 5 === 0 ? null : value));
    const column = numbers(uniform);
    const missing = compareColumn(column, windowOf(column, gaps), OPTIONS);
    expect(missing.detail).toBe('20 % of the values are missing, it was 0 %');
    expect(untrueParts(missing.detail ?? '', { reference: uniform, current: gaps })).toEqual([]);
    const infinite = { ...windowOf(column, gaps), missing: 0, notFinite: 200 };
    expect(compareColumn(column, infinite, OPTIONS).detail).toBe(
      '20 % of the values are missing or not finite, it was 0 %',
    );
  });

  it('and the check of them finds what is false', () => {
    const rows = { reference: [1, 2, 3, 4], current: [3, 4, 5, 6] };
    expect(untrueParts('the median went from 2 to 4; above 4 (over): 0 % of the rows, now 50 %', rows)).toEqual([]);
    expect(untrueParts('the median went from 4 to 4', rows)).toHaveLength(1);
    expect(untrueParts('above 4 (over): 0 % of the rows, now 25 %', rows)).toHaveLength(1);
    expect(untrueParts('below 2 (under): 0 % of the rows, now 0 %', rows)).toHaveLength(1);
    expect(untrueParts('it is different', rows)).toHaveLength(1);
    expect(untrueParts('50 % of the values are new (0 % expected)', rows)).toHaveLength(1);
  });
});

describe('cells of a sentence', () => {
  const detail = (before: readonly number[], after: readonly number[]) => {
    const column = numbers(before);
    return compareColumn(column, windowOf(column, after), OPTIONS);
  };
  const grid = Array.from({ length: 4000 }, (_, i) => i / 100);

  it('are ranges where they hold many values', () => {
    const judged = detail(
      grid,
      grid.map((x) => x / 4),
    );
    expect(judged.moved?.map((one) => one.cell)).toEqual(['2 … 4', '4 … 6', '6 … 8']);
    expect(judged.detail).toBe('the median went from 20 to 5; 2 … 4: 5 % of the rows, now 20 %');
  });

  it('below all and above all are named by the ends of the reference', () => {
    expect(
      detail(
        grid,
        grid.map((x) => x - 60),
      ).moved?.[0],
    ).toMatchObject({ cell: 'below 0 (under)', before: 0, after: 1 });
    expect(
      detail(
        grid,
        grid.map((x) => x + 60),
      ).moved?.[0],
    ).toMatchObject({ cell: 'above 39.99 (over)', before: 0 });
  });

  it('are values where a number column has few of them', () => {
    const dice = Array.from({ length: 1200 }, (_, i) => (i % 6) + 1);
    const loaded = dice.map((face, i) => (i % 4 === 0 ? 6 : face));
    expect(detail(dice, loaded).moved?.[0]).toEqual({
      cell: '6',
      before: 1 / 6,
      after: loaded.filter((f) => f === 6).length / 1200,
    });
  });

  it('shows the three that moved most, none that moved by less than half a percent', () => {
    const judged = compareColumn(
      texts({ a: 500, b: 300, c: 200, d: 4 }),
      texts({ a: 100, b: 400, c: 350, d: 154, e: 2 }),
      OPTIONS,
    );
    expect(judged.moved?.map((one) => one.cell)).toEqual(['a', 'd', 'c']);
    const few = compareColumn(texts({ a: 800, b: 200 }), texts({ a: 600, b: 397, c: 3 }), OPTIONS);
    expect(few.moved?.map((one) => one.cell)).toEqual(['a', 'b']);
  });
});
