import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ColumnCells } from '../../../src/drift/judge/cells.js';
import { fitsCategories, methodFor } from '../../../src/drift/judge/distance-methods.js';
import { psi } from '../../../src/drift/judge/distances/psi.js';
import { wassersteinGrid } from '../../../src/drift/judge/distances/wasserstein.js';
import { permutationLaw } from '../../../src/drift/judge/laws/permutation-law.js';
import { tvdLaw } from '../../../src/drift/judge/laws/tvd-law.js';
import { wassersteinLaw } from '../../../src/drift/judge/laws/wasserstein-law.js';
import { normalQuantile } from '../../../src/statistics/normal.js';

/** What scipy says: test/fixtures/distances/generate-laws.py. */
const SCIPY: {
  readonly alpha: number;
  readonly tables: readonly {
    readonly reference: readonly number[];
    readonly current: readonly number[];
    readonly methods: Readonly<Record<string, readonly [number, number, number, number]>>;
  }[];
  readonly wasserstein: {
    readonly steps: readonly { readonly width: number; readonly below: number; readonly difference: number }[];
    readonly e: number;
    readonly seen: number;
    readonly alpha: number;
    readonly mean: number;
    readonly limit: number;
    readonly pValue: number;
  };
} = JSON.parse(readFileSync('test/fixtures/distances/laws.json', 'utf8'));

const NONE = { reference: 0, current: 0 };
const SURELY = -normalQuantile(0.1);

const categories = (reference: readonly number[], current: readonly number[], missing = NONE): ColumnCells => ({
  ...{ kind: 'categorical', edges: [], values: reference.slice(1).map((_, i) => `v${i}`) },
  ...{ reference, current, missing },
});
/** A number column whose cells lie at 0, 1, 2 …; nothing is under or over. */
const numbers = (reference: readonly number[], current: readonly number[], isDiscrete = true): ColumnCells => ({
  ...{ kind: 'numeric', edges: [-0.5, ...reference.keys()], values: [], isDiscrete },
  ...{ reference: [0, ...reference, 0], current: [0, ...current, 0], missing: NONE },
});

const relative = (one: number, other: number): number => Math.abs(one - other) / Math.max(1e-300, Math.abs(other));

describe('a distance, what shows an effect, its limit and p-value are as scipy has them', () => {
  const rows = SCIPY.tables.flatMap((table, i) =>
    Object.entries(table.methods).map(([name, figures]) => [name, i, table, figures] as const),
  );
  it.each(rows)('%s of table %d', (name, _, { reference, current }, [score, least, limit, pValue]) => {
    const method = methodFor(name as 'psi', name === 'ks' ? 'numeric' : 'categorical');
    expect(method.name).toBe(name);
    const cells = name === 'ks' ? numbers(reference, current) : categories(reference, current);
    const measured = method.measure(cells, SCIPY.alpha);
    expect(relative(measured?.score ?? 0, score)).toBeLessThan(1e-9);
    expect(relative(measured?.least ?? 0, least)).toBeLessThan(1e-6);
    expect(relative(measured?.limit ?? 0, limit)).toBeLessThan(1e-6);
    expect(relative(measured?.pValue ?? 0, pValue)).toBeLessThan(1e-6);
  });

  it('wasserstein, whose law is that of a Brownian bridge', () => {
    const { steps, e, seen, alpha, mean, limit, pValue } = SCIPY.wasserstein;
    const law = wassersteinLaw({ steps, scale: 1 }, e, { alpha, seen });
    expect(relative(law.mean, mean)).toBeLessThan(1e-9);
    expect(relative(law.limit, limit)).toBeLessThan(1e-5);
    expect(relative(law.pValue, pValue)).toBeLessThan(1e-5);
  });

  it('wasserstein joins the steps of a long axis, and keeps its law', () => {
    const axis = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ width: 10 / count, below: (i + 0.5) / count, difference: 0 }));
    const [short, all] = [64, 640].map((count) =>
      wassersteinLaw({ steps: axis(count), scale: 1 }, 0.01, { alpha: 0.001, seen: 0.5 }),
    );
    expect(relative(all?.mean ?? 0, short?.mean ?? 1)).toBeLessThan(1e-9);
    expect(relative(all?.limit ?? 0, short?.limit ?? 1)).toBeLessThan(1e-9);
    // 65 steps are joined in twos, so their law differs a little from that of 64
    const odd = wassersteinLaw({ steps: axis(65), scale: 1 }, 0.01, { alpha: 0.001, seen: 0.5 });
    expect(relative(odd.mean, short?.mean ?? 1)).toBeLessThan(0.002);
    expect(relative(odd.mean, short?.mean ?? 1)).toBeGreaterThan(1e-5);
  });
});

describe('total variation', () => {
  it('must lie above what sampling adds to an effect, in squares', () => {
    const cells = { reference: [400, 350, 250, 200], current: [300, 390, 330, 280] };
    const measured = methodFor('tvd', 'categorical').measure(categories(cells.reference, cells.current), 0.001);
    const law = tvdLaw(cells, 0.001, measured?.score ?? 0);
    const [e, risen] = [1 / 1200 + 1 / 1300, (350 + 250 + 200 + 390 + 330 + 280) / 2500];
    expect(measured?.score).toBeCloseTo(400 / 1200 - 300 / 1300, 12);
    expect(measured?.least).toBeCloseTo(Math.hypot(0.05 + SURELY * Math.sqrt(risen * (1 - risen) * e), law.mean), 12);
    expect(measured).toMatchObject({ limit: law.limit, pValue: law.pValue });
  });

  it('counts missing values as a cell, and no cell that is empty on both sides', () => {
    const method = methodFor('tvd', 'categorical');
    const missing = { reference: 100, current: 400 };
    const score = (cells: ColumnCells) => method.measure(cells, 0.001)?.score;
    expect(score(categories([500, 400, 0], [300, 300, 0], missing))).toBeCloseTo(0.3, 12);
    expect(method.measure(categories([500, 400], [300, 300], missing), 0.001)).toEqual(
      method.measure(categories([500, 400, 0], [300, 300, 0], missing), 0.001),
    );
  });
});

describe('wasserstein', () => {
  const wide = numbers([200, 300, 300, 200], [100, 300, 300, 300]);
  it('is in units of a robust deviation, and in those of the column', () => {
    const measured = methodFor('wasserstein', 'numeric').measure(wide, 0.001);
    expect(measured?.unscaled).toBeCloseTo(0.3, 9);
    const grid = wassersteinGrid(wide);
    expect(measured?.score).toBeCloseTo(0.3 / grid.scale, 9);
    const law = wassersteinLaw(grid, 1 / 1000 + 1 / 1000, { alpha: 0.001, seen: 0.3 });
    expect(measured?.limit).toBeCloseTo(law.limit / grid.scale, 9);
    expect(measured?.least).toBeCloseTo(0.1 + (SURELY * (law.limit - law.mean)) / 3 / grid.scale, 9);
    expect(measured?.pValue).toBeCloseTo(law.pValue, 12);
  });
});

describe('few rows', () => {
  const small = { reference: [100, 80, 60, 50], current: [40, 90, 80, 80] };
  const many = { reference: [400, 350, 250], current: [300, 390, 310] };
  it('are dealt again if the distance is above the effect size', () => {
    const measured = methodFor('psi', 'categorical').measure(categories(small.reference, small.current), 0.001);
    const law = permutationLaw(small, psi, { alpha: 0.001, seen: psi(small) });
    expect(measured).toMatchObject({ limit: law.limit, pValue: law.pValue });
    const chi = methodFor('psi', 'categorical').measure(categories([100, 80, 60, 50], [99, 81, 61, 50]), 0.001);
    expect(chi?.limit).not.toBe(law.limit);
    expect(chi?.pValue).toBeGreaterThan(0.99);
  });

  it.each(['kullback_leibler', 'hellinger', 'l_infinity'] as const)(
    '%s has a tenth of the false alarms for its limit',
    (name) => {
      const measure = ({ reference, current }: typeof many, alpha: number) =>
        methodFor(name, 'categorical').measure(categories(reference, current), alpha)?.limit ?? 0;
      const halved = { reference: many.reference.map((count) => count - 1), current: many.current };
      expect(measure(halved, 0.001) / measure(many, 0.0001)).toBeCloseTo(1, 2);
      expect(measure(many, 0.001) / measure(many, 0.0001)).toBeLessThan(0.95);
    },
  );

  it.each(['psi', 'jensen_shannon', 'hellinger', 'kullback_leibler', 'chi_square'] as const)(
    '%s has no law where every cell is rare',
    (name) => {
      const rare = new Array(60).fill(1);
      expect(methodFor(name, 'categorical').measure(categories(rare, rare), 0.001)).toBeUndefined();
      expect(methodFor(name, 'categorical').measure(categories([100], [100]), 0.001)).toMatchObject({ score: 0 });
    },
  );
});

describe('the ends of a number column', () => {
  const ends = (isDiscrete: boolean): ColumnCells => {
    const cells = numbers([500, 500, 500, 500], [450, 500, 500, 450], isDiscrete);
    return { ...cells, current: [50, ...cells.current.slice(1, -1), 50] };
  };
  it('are joined to their neighbours for a divergence, but not for a column of few values', () => {
    const score = (isDiscrete: boolean) => methodFor('psi', 'numeric').measure(ends(isDiscrete), 0.001)?.score ?? 1;
    expect(score(false)).toBeCloseTo(0, 9);
    expect(score(true)).toBeGreaterThan(0.1);
  });
});

describe('the distance of a column', () => {
  it.each([
    ['auto', 'numeric', 'ks'],
    ['auto', 'categorical', 'tvd'],
    ['ks', 'categorical', 'tvd'],
    ['wasserstein', 'categorical', 'tvd'],
    ['wasserstein', 'numeric', 'wasserstein'],
    ['psi', 'numeric', 'psi'],
    ['psi', 'categorical', 'psi'],
    ['chi_square', 'numeric', 'chi_square'],
  ] as const)('%s of a %s column is %s', (asked, kind, name) => {
    expect(methodFor(asked, kind).name).toBe(name);
  });

  it('is defined for categories, or only for numbers', () => {
    expect((['auto', 'tvd', 'psi', 'l_infinity'] as const).map(fitsCategories)).toEqual([true, true, true, true]);
    expect((['ks', 'wasserstein'] as const).map(fitsCategories)).toEqual([false, false]);
  });

  it('has a largest score where there is one', () => {
    const names = ['ks', 'tvd', 'l_infinity', 'jensen_shannon', 'hellinger'] as const;
    expect(names.map((name) => methodFor(name, name === 'ks' ? 'numeric' : 'categorical').most)).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect((['psi', 'chi_square'] as const).map((name) => methodFor(name, 'categorical').most)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
