import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { instantOf } from '../../../src/domain/support/time.js';
import { cleanDistance, tableDistance } from '../../../src/drift/judge/noise-free-distance.js';
import { traceColumn } from '../../../src/drift/judge/trace.js';
import { numbers, tableOf, texts, uniforms } from './columns.js';

const ROWS = 1000;
const column = (shift: number, rows = ROWS): ColumnProfile => numbers(uniforms(rows, shift));
/** Windows at day 1, 2, 3 … whose column is shifted by so much. */
const windows = (shifts: readonly number[], make: (shift: number) => ColumnProfile = column) =>
  shifts.map((shift, i) => ({ at: instantOf(i + 1), column: make(shift) }));

describe('the distance of two stored profiles', () => {
  const noise = (Math.PI ** 2 / 12) * (2 / ROWS);

  it('has what sampling adds taken off, in squares', () => {
    expect(cleanDistance(column(0), column(0.3))).toBeCloseTo(Math.sqrt(0.3 ** 2 - noise), 2);
    expect(cleanDistance(column(0), column(0.02))).toBe(0);
    expect(cleanDistance(column(0), column(0))).toBe(0);
    const few = (Math.PI ** 2 / 12) * (1 / ROWS + 1 / 100);
    // a hundred kept values are right to one of a hundred
    expect(cleanDistance(column(0), column(0.305, 100))).toBeCloseTo(Math.sqrt(0.31 ** 2 - few), 2);
  });

  it('is total variation for text', () => {
    const distance = cleanDistance(texts({ a: 700, b: 300 }), texts({ a: 300, b: 700 }));
    expect(distance).toBeLessThan(0.4);
    expect(distance).toBeGreaterThan(0.397);
    expect(cleanDistance(texts({ a: 510, b: 490 }), texts({ a: 500, b: 500 }))).toBe(0);
  });

  it('counts present rows', () => {
    const gaps = { ...column(0.3), rows: 1900, missing: 900 };
    expect(cleanDistance(column(0), gaps)).toBeCloseTo(cleanDistance(column(0), column(0.3)), 12);
  });

  it('is none where a side is empty or another type', () => {
    expect(cleanDistance(column(0), texts({ a: 1000 }))).toBe(0);
    expect(cleanDistance(column(0), { ...column(0.5), missing: ROWS })).toBe(0);
    expect(cleanDistance({ ...column(0.5), missing: ROWS }, column(0))).toBe(0);
  });
});

describe('the distance of two tables', () => {
  it('is the mean of their columns, 1 for those that cannot be compared', () => {
    const one = tableOf([column(0), { ...texts({ a: 700, b: 300 }), name: 'c' }, { ...column(0), name: 'd' }]);
    const other = tableOf([
      column(0.3),
      { ...texts({ a: 300, b: 700 }), name: 'c' },
      { ...texts({ q: 5 }), name: 'd' },
    ]);
    expect(tableDistance(one, other, ['d'])).toBeCloseTo((0.3 + 0.4) / 2, 2);
    expect(tableDistance(one, other, [])).toBeCloseTo((0.3 + 0.4 + 1) / 3, 2);
    expect(tableDistance(one, other, ['x', 'c', 'd'])).toBeUndefined();
  });
});

describe('how a column came here', () => {
  it('is unknown with fewer than five windows', () => {
    expect(traceColumn(windows([0, 0, 0.5, 0.5]))).toBeUndefined();
    expect(traceColumn([])).toBeUndefined();
    expect(traceColumn(windows([0, 0, 0, 0.5, 0.5]))).toBeDefined();
  });

  it('is a trend since the cut that separates the windows best', () => {
    const trace = traceColumn(windows([0, 0, 0, 0.5, 0.5, 0.5]));
    expect(trace).toMatchObject({ movement: 'trend', since: 3 });
    expect(trace?.magnitude).toBeCloseTo(0.498, 2);
    expect(trace?.pathLength).toBeCloseTo(trace?.magnitude ?? 0, 9);
    expect(traceColumn(windows([0, 0.5, 0.5, 0.5, 0.5]))?.since).toBe(1);
    expect(traceColumn(windows([0, 0, 0, 0, 0.5]))?.since).toBe(4);
    expect(traceColumn(windows([0, 0.1, 0.2, 0.6, 0.7]))?.since).toBe(3);
  });

  it('has the cut whose sides are alike within themselves, the first of two that are as good', () => {
    expect(traceColumn(windows([0, 0.3, 0.3, 0.5, 0.5, 0.8]))?.since).toBe(3);
    expect(traceColumn(windows([0, 0.8, 0.7, 0.7, 0.8, 0.2]))?.since).toBe(1);
    expect(traceColumn(windows([0, 0.5, 0.5, 0.5, 0]))?.since).toBe(1);
  });

  it('adds up the path in between', () => {
    const trace = traceColumn(windows([0, 0.2, 0.4, 0.6, 0.8]));
    expect(trace?.pathLength).toBeCloseTo(4 * cleanDistance(column(0), column(0.2)), 2);
    expect(trace?.movement).toBe('trend');
  });

  it('oscillates where the path is twice as long as the distance between its ends', () => {
    expect(traceColumn(windows([0, 0.5, 0, 0.5, 0]))).toMatchObject({ movement: 'oscillation', magnitude: 0 });
    expect(traceColumn(windows([0, 0.5, 0.1, 0.4, 0.3]))?.movement).toBe('oscillation');
    expect(traceColumn(windows([0, 0.3, 0.2, 0.4, 0.5]))?.movement).toBe('trend');
    // 0.46 and 0.16 to get 0.3 away, and 0.44 and 0.14
    expect(traceColumn(windows([0, 0.46, 0.46, 0.46, 0.3]))?.movement).toBe('oscillation');
    expect(traceColumn(windows([0, 0.44, 0.44, 0.44, 0.3]))?.movement).toBe('trend');
  });

  it('has no cut where nothing separates the windows', () => {
    expect(traceColumn(windows([0, 0, 0, 0, 0]))).toEqual({
      ...{ magnitude: 0, pathLength: 0, movement: 'oscillation', since: undefined },
    });
  });
});
