import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../../src/domain/data/profile.js';
import { compareColumn } from '../../../../src/drift/judge/compare-column.js';
import { seededNormal } from '../../../../src/statistics/random.js';

function numeric(values: readonly number[]): ColumnProfile {
  const quantiles = [...values].sort((a, b) => a - b);
  const base = {
    name: 'x',
    type: 'number',
    sqlType: 'DOUBLE',
    rows: values.length,
    missing: 0,
    notFinite: 0,
    distinct: values.length,
  } as const;
  return {
    ...base,
    numeric: { min: quantiles[0] ?? 0, max: quantiles.at(-1) ?? 0, mean: 0, sd: 1, zeros: 0, negatives: 0, quantiles },
  };
}

function categorical(counts: readonly number[]): ColumnProfile {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const top = counts.map((count, i) => ({ value: `v${i}`, count })).filter((one) => one.count > 0);
  const base = {
    name: 'c',
    type: 'text',
    sqlType: 'VARCHAR',
    rows,
    missing: 0,
    notFinite: 0,
    distinct: top.length,
  } as const;
  return { ...base, categories: { top, otherRows: 0, singletons: 0 } };
}

/** Counts of `rows` draws over `levels` equally likely values. */
function draw(normal: () => number, rows: number, levels: number): readonly number[] {
  const share = rows / levels;
  return Array.from({ length: levels }, () =>
    Math.max(0, Math.round(share + normal() * Math.sqrt(share * (1 - 1 / levels)))),
  );
}

const options = { alpha: 0.001, role: 'feature' } as const;

describe('without drift', () => {
  it('a number column alarms at most once in 400 comparisons, at any size', () => {
    const normal = seededNormal(11);
    const sample = (n: number): ColumnProfile => numeric(Array.from({ length: n }, normal));
    const sizes = [60, 200, 1000, 3000];
    const alarms = sizes.map(
      (n) =>
        Array.from({ length: 100 }, () => compareColumn(sample(n), sample(n), options)).filter(
          (one) => one.verdict === 'drift',
        ).length,
    );
    expect(alarms.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1);
  });

  it('a category column alarms at most once in 120 comparisons, with few levels and with a thousand', () => {
    const normal = seededNormal(12);
    const cases = [
      [3, 500, 500],
      [20, 1000, 5000],
      [100, 1500, 1500],
      [1000, 20000, 20000],
    ] as const;
    const alarms = cases.map(
      ([levels, n, m]) =>
        Array.from({ length: 30 }, () =>
          compareColumn(categorical(draw(normal, n, levels)), categorical(draw(normal, m, levels)), options),
        ).filter((one) => one.verdict === 'drift').length,
    );
    expect(alarms.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1);
  }, 300_000);
});

describe('with drift', () => {
  it('finds half a standard deviation in a number column, and names its distance', () => {
    const normal = seededNormal(13);
    const moved = compareColumn(
      numeric(Array.from({ length: 1000 }, normal)),
      numeric(Array.from({ length: 1000 }, () => normal() + 0.5)),
      options,
    );
    expect(moved.verdict).toBe('drift');
    // the distance of two normals half a deviation apart is 2·Φ(0.25) − 1
    expect(moved.score).toBeCloseTo(0.1974, 1);
    expect(moved.pValue).toBeLessThan(1e-6);
  });

  it('finds a tenth of the rows in another category, and is not alarmed by one row of a new one', () => {
    const before = categorical([500, 300, 200]);
    expect(compareColumn(before, categorical([400, 300, 300]), options).verdict).toBe('drift');
    expect(compareColumn(before, categorical([500, 299, 200, 1]), options).verdict).toBe('stable');
  });

  it('is undecided with too few rows, never stable', () => {
    const few = numeric([1, 2, 3]);
    expect(compareColumn(few, numeric(Array.from({ length: 1000 }, (_, i) => i)), options)).toMatchObject({
      verdict: 'undecided',
    });
  });
});
