import { expect, it } from 'vitest';
import type { TableSpan } from '../../../src/domain/ports/datasets.js';
import { HOUR_MS, instantOf } from '../../../src/domain/support/time.js';
import { findOnset } from '../../../src/drift/judge/onset.js';
import { seededRandom } from '../../../src/statistics/random.js';

const START = Date.parse('2026-02-01T00:00:00Z');
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const COLUMN = { name: 'x', edges: EDGES };
/** Under, ten cells of equal rows, over, missing. */
const REFERENCE = [0, ...EDGES.map(() => 1000), 0, 0];
const DAYS = 20;

/** Hours of twenty days, `rows` an hour, each row's value from 0 to 10 drawn and moved by what `shift` says of the hour. */
function hours(rows: number, shift: (hour: number) => number, file?: (hour: number) => string): readonly TableSpan[] {
  const random = seededRandom(7);
  return Array.from({ length: DAYS * 24 }, (_, hour) => {
    const counts = new Array<number>(EDGES.length + 2).fill(0);
    for (let row = 0; row < rows; row++) {
      const value = Math.ceil(10 * random() + shift(hour)) - 1;
      const cell = Math.max(0, Math.min(EDGES.length, value + 1));
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    return {
      from: instantOf(START + hour * HOUR_MS),
      rows,
      counts: [counts],
      file: file === undefined ? undefined : file(hour),
    };
  });
}

const find = (spans: readonly TableSpan[]) =>
  findOnset(spans, 0, { column: COLUMN, reference: REFERENCE, spanMs: HOUR_MS });
const at = (day: number, hour = 0): number => START + (day * 24 + hour) * HOUR_MS;

it('finds the file with which a change begins, though no day begins there', () => {
  const file = (hour: number): string => (hour < 200 ? 'a.csv' : 'b.csv');
  expect(find(hours(10, (hour) => (hour < 200 ? 0 : 3), file))).toEqual({
    kind: 'file',
    file: 'b.csv',
    from: at(8, 8),
  });
});

it('finds the midnight with which a change begins, and the one with which it ends', () => {
  const shift = (hour: number): number => (hour >= 5 * 24 && hour < 8 * 24 ? 3 : 0);
  expect(find(hours(10, shift))).toEqual({ kind: 'midnight', from: at(5), until: at(8) });
});

it('calls a change that begins at no boundary inside', () => {
  const file = (): string => 'all.csv';
  const found = find(hours(10, (hour) => (hour < 10 * 24 + 13 ? 0 : 4), file));
  expect(found?.kind).toBe('inside');
  // ten rows an hour: the cut is known to an hour or two
  expect(Math.abs((found?.from ?? 0) - at(10, 13))).toBeLessThanOrEqual(2 * HOUR_MS);
});

it('distinguishes a gradual change from one that begins at once', () => {
  expect(find(hours(10, (hour) => (hour * 6) / (DAYS * 24)))?.kind).toBe('gradual');
});

it('finds no part where the whole window has changed, nor where nothing has', () => {
  expect(find(hours(10, () => 4))).toEqual({ kind: 'whole-window' });
  expect(find(hours(10, () => 0))).toEqual({ kind: 'whole-window' });
});

it('does not take the nights of a window that has changed as a whole for the change', () => {
  const isNight = (hour: number): boolean => hour % 24 < 5;
  const night = 10 * 24;
  expect(find(hours(40, (hour) => 2 + (hour >= night && isNight(hour) && hour < night + 5 ? 6 : 0)))).toEqual({
    kind: 'whole-window',
  });
});

it('finds no onset in sixty windows without one', () => {
  const random = seededRandom(11);
  for (let i = 0; i < 60; i++) {
    const spans = Array.from({ length: 300 }, (_, hour) => {
      const counts = new Array<number>(EDGES.length + 2).fill(0);
      for (let row = 0; row < 4; row++) {
        const cell = 1 + Math.floor(10 * random());
        counts[cell] = (counts[cell] ?? 0) + 1;
      }
      return { from: instantOf(START + hour * HOUR_MS), rows: 4, counts: [counts] };
    });
    expect(find(spans)).toEqual({ kind: 'whole-window' });
  }
});
