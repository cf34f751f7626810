import type { ColumnProfile, TableProfile } from '../../../src/domain/data/profile.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { profileOfValues } from '../../../src/drift/judge/values-profile.js';
import { cellEdges, coarseEdges, countInCells } from '../../../src/statistics/distribution.js';
import { normalQuantile } from '../../../src/statistics/normal.js';
import { seededNormal } from '../../../src/statistics/random.js';

export const OPTIONS = { alpha: 0.001 as number, role: 'feature' } as const;

/** A number column as a scan sees it; null is a missing row. */
export function numbers(values: readonly (number | null)[], name = 'x'): ColumnProfile {
  const present = Float64Array.from(values.filter((value) => value !== null));
  const missing = values.length - present.length;
  const type = present.every(Number.isInteger) ? 'integer' : 'number';
  return { ...profileOfValues(name, present, false), type, rows: values.length, missing };
}

/** A window whose rows are counted in the reference's cells, as `check-drift` reads it. */
export function windowOf(reference: ColumnProfile, values: readonly (number | null)[]): ColumnProfile {
  const present = values.filter((value) => value !== null);
  const counted = countInCells(cellEdges(reference.numeric?.quantiles ?? []), present);
  return { ...numbers(values, reference.name), counted };
}

/** A column of text by the rows of each value; missing rows beside them. */
export function texts(counts: Readonly<Record<string, number>>, missing = 0, name = 'x'): ColumnProfile {
  const top = Object.entries(counts)
    .map(([value, count]) => ({ value, count }))
    .filter((one) => one.count > 0)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const rows = missing + top.reduce((sum, one) => sum + one.count, 0);
  const singletons = top.filter((one) => one.count === 1).length;
  const base = { name, type: 'text', sqlType: 'VARCHAR', rows, missing, notFinite: 0, distinct: top.length } as const;
  return { ...base, categories: { top, otherRows: 0, singletons } };
}

/** So many rows of each value, as numbers. */
export const repeated = (counts: readonly (readonly [number, number])[]): readonly number[] =>
  counts.flatMap(([value, count]) => new Array<number>(count).fill(value));

/** Values at equal ranks of a uniform law from 0 to 1, moved and stretched. */
export const uniforms = (rows: number, shift = 0, scale = 1): readonly number[] =>
  Array.from({ length: rows }, (_, i) => shift + (scale * (i + 0.5)) / rows);

/** Values at equal ranks of a normal law. */
export const normals = (rows: number, mean = 0, sd = 1): readonly number[] =>
  Array.from({ length: rows }, (_, i) => mean + sd * normalQuantile((i + 0.5) / rows));

/** The column with the spans of its rows in their order. */
export function inOrder(values: readonly number[], spans = 40, name = 'x'): ColumnProfile {
  const column = numbers(values, name);
  const edges = coarseEdges(column.numeric?.quantiles ?? []);
  const at = (span: number): number => Math.floor((span * values.length) / spans);
  const history = Array.from({ length: spans }, (_, i) => countInCells(edges, values.slice(at(i), at(i + 1))));
  return { ...column, history };
}

export const tableOf = (columns: readonly ColumnProfile[], time?: TableProfile['time']): TableProfile => ({
  format: 2,
  rows: columns[0]?.rows ?? 0,
  columns,
  time,
});

export const verdictOf = (reference: ColumnProfile, current: ColumnProfile, alpha = OPTIONS.alpha): string =>
  compareColumn(reference, current, { ...OPTIONS, alpha }).verdict;

export const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

export const WEEK = 168;

/** Hours of which each keeps a part of the one before. */
export function hours(seed: number, keep: number): () => number {
  const z = seededNormal(seed);
  let x = z();
  return () => {
    x = keep * x + Math.sqrt(1 - keep * keep) * z();
    return x;
  };
}

export const withoutOrder = ({ history: _, ...column }: ColumnProfile): ColumnProfile => column;
