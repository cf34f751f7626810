import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { benjaminiHochberg } from '../../../src/drift/judge/benjamini-hochberg.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { unseenValues } from '../../../src/drift/judge/unseen.js';
import { cellEdges, coarseEdges, countInCells } from '../../../src/statistics/distribution.js';
import { seededNormal } from '../../../src/statistics/random.js';

/** A number column whose chunks of time are given apart. */
function column(chunks: readonly (readonly number[])[]): ColumnProfile {
  const values = chunks.flat().sort((a, b) => a - b);
  const quantiles =
    values.length <= 1001
      ? values
      : Array.from({ length: 1001 }, (_, k) => values[Math.round((k * (values.length - 1)) / 1000)] ?? 0);
  const [edges, coarse] = [cellEdges(quantiles), coarseEdges(quantiles)];
  const [min, max] = [values[0] ?? 0, values.at(-1) ?? 0];
  return {
    name: 'x',
    type: 'number',
    sqlType: 'DOUBLE',
    rows: values.length,
    missing: 0,
    notFinite: 0,
    distinct: values.length,
    numeric: { min, max, mean: 0, sd: 1, zeros: 0, negatives: 0, quantiles, counts: countInCells(edges, values) },
    ...(chunks.length === 1 ? {} : { history: chunks.map((chunk) => countInCells(coarse, chunk)) }),
  };
}

const normal = seededNormal(21);
const draw = (rows: number, shift: number): readonly number[] => Array.from({ length: rows }, () => normal() + shift);
const options = { alpha: 0.001, role: 'feature' } as const;
const verdict = (reference: ColumnProfile, current: ColumnProfile) =>
  compareColumn(reference, current, options).verdict;

describe("the reference's own history", () => {
  const seasons = Array.from({ length: 10 }, (_, i) => draw(400, Math.sin(i)));
  it('explains a distance that its own spans of time show too', () => {
    const current = column([draw(400, 0.9)]);
    expect(verdict(column(seasons), current)).toBe('stable');
    expect(verdict(column([seasons.flat()]), current)).toBe('drift');
    expect(verdict(column(seasons), column([draw(400, 2.5)]))).toBe('drift');
  });

  it('still finds drift with one freak span, and with a remainder of few rows', () => {
    const steady = Array.from({ length: 10 }, () => draw(400, 0));
    const current = column([draw(400, 0.6)]);
    expect(verdict(column([...steady.slice(1), draw(400, 8)]), current)).toBe('drift');
    expect(verdict(column([...steady, [9e9]]), current)).toBe('drift');
    expect(verdict(column([...steady, draw(35, 8)]), current)).toBe('drift');
  });
});

describe('unseen values', () => {
  it('are expected as often as the reference has values that occur once', () => {
    const top = Array.from({ length: 100 }, (_, i) => ({ value: `v${i}`, count: i < 20 ? 1 : 10 }));
    const reference = { top, otherRows: 0, singletons: 20 };
    const current = {
      top: [
        { value: 'v50', count: 970 },
        { value: 'new', count: 30 },
      ],
      otherRows: 0,
      singletons: 0,
    };
    const unseen = unseenValues(reference, current, 0.001);
    expect(unseen?.expected).toBeCloseTo(20 / 820, 9);
    expect(unseen?.share).toBeCloseTo(0.03, 9);
    expect(unseen?.limit).toBeGreaterThan(0.03);
  });
});

it('corrects p-values for their number as R does: p.adjust(c(.01, .04, .03, .5), "BH")', () => {
  expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.5]).map((p) => Number(p.toFixed(6)))).toEqual([
    0.04, 0.053333, 0.053333, 0.5,
  ]);
});
