import { describe, expect, it } from 'vitest';
import type { TableSpan } from '../../../src/domain/ports/datasets.js';
import { DAY_MS, HOUR_MS, instantOf } from '../../../src/domain/support/time.js';
import { findOnset, referenceCells, spanColumn, spanFor } from '../../../src/drift/judge/onset.js';
import { cellEdges } from '../../../src/statistics/distribution.js';
import { numbers, repeated, texts } from './columns.js';

describe('a window is cut into at most 750 spans', () => {
  it.each([
    ['hours', 750 * HOUR_MS, HOUR_MS],
    ['six hours', 750 * HOUR_MS + 1, 6 * HOUR_MS],
    ['days', 750 * 6 * HOUR_MS + 1, DAY_MS],
    ['weeks', 750 * DAY_MS + 1, 7 * DAY_MS],
    ['four weeks', 750 * 7 * DAY_MS + 1, 28 * DAY_MS],
    ['years', 750 * 28 * DAY_MS + 1, 365 * DAY_MS],
    ['parts of equal length', 1500 * 365 * DAY_MS, 2 * 365 * DAY_MS],
  ])('%s', (_, length, span) => {
    expect(spanFor(length)).toBe(span);
  });
});

describe('the cells of a column', () => {
  const few = repeated([
    [1, 30],
    [2, 50],
    [3, 20],
  ]);

  it('of numbers are those of the reference, with its missing rows last', () => {
    const reference = numbers([...few, ...new Array<null>(7).fill(null)]);
    const column = spanColumn(reference, numbers([5, 6]));
    expect(column).toEqual({ name: 'x', edges: cellEdges([1, 2, 3]) });
    if (column !== undefined) expect(referenceCells(column, reference)).toEqual([0, 30, 50, 20, 0, 7]);
  });

  it('of text are the most frequent values of both sides, all others together, and the missing rows', () => {
    const [reference, current] = [texts({ a: 60, b: 30, c: 10 }, 5), texts({ b: 9, z: 3 })];
    const column = spanColumn(reference, current);
    expect(column).toEqual({ name: 'x', values: ['a', 'b', 'c', 'z'] });
    if (column !== undefined) expect(referenceCells(column, reference)).toEqual([60, 30, 10, 0, 0, 5]);
    const many = texts(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`v${i}`, 100 - i])));
    const top = spanColumn(many, texts({ q: 1 }));
    expect(top).toEqual({ name: 'x', values: [...Array.from({ length: 15 }, (_, i) => `v${i}`), 'q'] });
    if (top !== undefined) expect(referenceCells(top, many).at(-2)).toBe(85 + 84 + 83 + 82 + 81);
  });

  it('are none where one side is of another type', () => {
    expect(spanColumn(numbers(few), texts({ a: 1 }))).toBeUndefined();
    expect(spanColumn(texts({ a: 1 }), numbers(few))).toBeUndefined();
    expect(referenceCells({ name: 'x', edges: [1, 2] }, texts({ a: 1 }))).toEqual([]);
  });
});

const START = Date.parse('2026-02-01T00:00:00Z');
const HOURS = 12 * 24;
const at = (hour: number): number => START + hour * HOUR_MS;

interface Given {
  readonly file?: (hour: number) => string;
  readonly column?: Parameters<typeof findOnset>[2]['column'];
  readonly reference?: readonly number[];
}

/** Cells of 'a', of 'b', of other values, and of missing rows. */
const LETTERS = { name: 'letter', values: ['a', 'b'] };
const USUAL = [6, 4, 0, 0];
const SWAPPED = [1, 9, 0, 0];
const NONE = [0, 0, 0, 0];

/** The onset in twelve days of hours with these counts. */
function onsetOf(counts: (hour: number) => readonly number[], given: Given = {}) {
  const { file, column = LETTERS, reference = [600, 400, 0, 0] } = given;
  const spans = Array.from({ length: HOURS }, (_, hour): TableSpan => {
    const own = counts(hour);
    const rows = own.reduce((sum, count) => sum + count, 0);
    // the column is the second one of the table
    return { from: instantOf(at(hour)), rows, counts: [[rows, 0, 0, 0], own], file: file?.(hour) };
  });
  return findOnset(spans, 1, { column, reference, spanMs: HOUR_MS });
}

describe('the part of a window that changed', () => {
  it.each([
    ['to its end', (hour: number) => hour >= 205, { from: at(205) }],
    ['from its start', (hour: number) => hour < 205, { until: at(205) }],
    ['in its middle', (hour: number) => hour >= 205 && hour < 253, { from: at(205), until: at(253) }],
  ])('%s', (_, isChanged, bounds) => {
    const found = onsetOf((hour) => (isChanged(hour) ? SWAPPED : USUAL));
    expect(found).toEqual({ kind: 'inside', until: undefined, ...bounds });
  });

  it('is unknown where only a middle part is as the reference', () => {
    expect(onsetOf((hour) => (hour >= 205 && hour < 253 ? USUAL : SWAPPED))).toBeUndefined();
  });

  it('is the whole window where what surrounds the part has changed as well', () => {
    expect(onsetOf((hour) => (hour < 205 ? [3, 7, 0, 0] : [0, 2, 8, 0]))).toEqual({ kind: 'whole-window' });
    expect(onsetOf(() => SWAPPED)).toEqual({ kind: 'whole-window' });
  });

  it.each([
    ['text', LETTERS, [5, 0, 0, 5]],
    ['numbers', { name: 'x', edges: [0, 1] }, [3, 2, 0, 5]],
  ])('may be one whose values are missing: %s', (_, column, gaps) => {
    const found = onsetOf((hour) => (hour >= 205 ? gaps : USUAL), { column });
    expect(found).toEqual({ kind: 'inside', from: at(205), until: undefined });
  });

  it('of numbers differs by the greatest distance of their distributions, of text by its share of rows', () => {
    // one row in ten moves from the first to the last of three cells
    const moved = (hour: number): readonly number[] => (hour >= 205 ? [30, 40, 30, 0] : [40, 40, 20, 0]);
    const reference = [400, 400, 200, 0];
    for (const column of [LETTERS, { name: 'x', edges: [0, 1] }])
      expect(onsetOf(moved, { column, reference })).toMatchObject({ kind: 'inside', from: at(205) });
    const less = (hour: number): readonly number[] => (hour >= 205 ? [31, 40, 29, 0] : [40, 40, 20, 0]);
    expect(onsetOf(less, { reference })).toEqual({ kind: 'whole-window' });
  });
});

describe('the boundary at which a change begins', () => {
  const change = (hour: number): readonly number[] => (hour < 195 ? (hour < 190 ? USUAL : NONE) : SWAPPED);
  const parted = (hour: number): string => (hour < 195 ? 'a.csv' : 'b.csv');

  it('is a file rather than a nearer midnight, where no row tells them apart', () => {
    expect(onsetOf(change, { file: parted })).toEqual({ kind: 'file', file: 'b.csv', from: at(195), until: undefined });
    expect(onsetOf(change)).toEqual({ kind: 'midnight', from: at(192), until: undefined });
  });

  it('is no file of which earlier rows, or with which other files, go on', () => {
    const goesOn = (hour: number): string => (hour === 270 ? 'a.csv' : parted(hour));
    expect(onsetOf(change, { file: goesOn })?.kind).toBe('midnight');
    const seen = (hour: number): string => (hour === 3 ? 'b.csv' : parted(hour));
    expect(onsetOf(change, { file: seen })?.kind).toBe('midnight');
  });

  it('is no midnight where rows in between belong to the other side', () => {
    expect(onsetOf((hour) => (hour < 195 ? USUAL : SWAPPED))).toMatchObject({ kind: 'inside', from: at(195) });
  });

  it('lies at most 24 spans away', () => {
    // no rows from 193 on, until the second file begins; its first rows tell nothing of the hours before
    const silent = (hour: number): readonly number[] => (hour < 193 ? USUAL : hour < 230 ? NONE : SWAPPED);
    const fileFrom = (start: number) => (hour: number) => (hour < start ? 'a.csv' : 'b.csv');
    expect(onsetOf(silent, { file: fileFrom(217) })).toMatchObject({ kind: 'file', from: at(217) });
    expect(onsetOf(silent, { file: fileFrom(218) })).toMatchObject({ kind: 'midnight', from: at(216) });
  });

  it('is no midnight where every span is a day', () => {
    const spans = Array.from({ length: 40 }, (_, day): TableSpan => {
      return { from: instantOf(START + day * DAY_MS), rows: 100, counts: [day < 17 ? [60, 40, 0, 0] : [10, 90, 0, 0]] };
    });
    const found = findOnset(spans, 0, { column: LETTERS, reference: [600, 400, 0, 0], spanMs: DAY_MS });
    expect(found).toEqual({ kind: 'inside', from: START + 17 * DAY_MS, until: undefined });
  });
});
