import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { numbers, OPTIONS, repeated, windowOf } from './columns.js';

// The kept ranks of a window are about a thousand: one of them stands for a hundred of these rows.
const ROWS = 100_000;

/** A long window is counted in the reference's cells only. */
function longWindowOf(reference: ColumnProfile, values: readonly number[]): ColumnProfile {
  const { numeric, ...window } = windowOf(reference, values);
  return { ...window, ...(numeric === undefined ? {} : { numeric: { ...numeric, counts: undefined } }) };
}

describe.each([
  [0, 1],
  [1, 2],
  [-1, 1],
  [0.5, 1.5],
])('a number column of %d and rarely %d', (usual, rare) => {
  const column = (count: number) =>
    repeated([
      [usual, ROWS - count],
      [rare, count],
    ]);
  const reference = numbers(column(50));
  const compared = (count: number) => compareColumn(reference, longWindowOf(reference, column(count)), OPTIONS);

  it('is stable with the same rows, and differs by nothing', () => {
    expect(compared(50)).toMatchObject({ verdict: 'stable', score: 0 });
  });

  it('differs by the share of rows that differ', () => {
    expect(compared(60)).toMatchObject({ verdict: 'stable', score: expect.closeTo(10 / ROWS, 9) });
  });

  it('has drifted if the rare value is four times as frequent', () => {
    expect(compared(200)).toMatchObject({ verdict: 'drift', score: expect.closeTo(150 / ROWS, 9) });
  });

  it('has the values of the reference with their own rows beside a new one', () => {
    const values = [...column(50).slice(100), ...new Array<number>(100).fill(rare + 7)];
    expect(compareColumn(reference, longWindowOf(reference, values), OPTIONS).score).toBeCloseTo(100 / ROWS, 9);
  });
});
