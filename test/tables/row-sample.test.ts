import { expect, it } from 'vitest';
import { createRowSample } from '../../src/tables/row-sample.js';

/** Rows drawn, counted from the table's first, where it comes in chunks of this length. */
function drawn(rows: number, wanted: number, chunk: number): readonly number[] {
  const sample = createRowSample(rows, wanted);
  const found: number[] = [];
  for (let start = 0; start < rows; start += chunk)
    found.push(...sample.next(Math.min(chunk, rows - start)).map((row) => start + row));
  return found;
}

it('draws as many rows as are wanted, each once, one from each stretch', () => {
  for (const [rows, wanted] of [
    [1000, 100],
    [1001, 1000],
    [70_000, 65_536],
    [10, 10],
  ] as const) {
    const found = drawn(rows, wanted, 128);
    expect(new Set(found).size).toBe(wanted);
    const begin = (stretch: number): number => Math.floor((stretch * rows) / wanted);
    expect(found.filter((row, k) => row < begin(k) || row >= begin(k + 1))).toEqual([]);
  }
});

it('draws the same rows in whatever chunks they come', () => {
  expect(drawn(5000, 300, 2048)).toEqual(drawn(5000, 300, 7));
});

it('draws all rows of a table with fewer rows than are wanted', () => {
  expect(drawn(3, 8, 2)).toEqual([0, 1, 2]);
});
