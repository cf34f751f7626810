import fc from 'fast-check';
import { expect, it } from 'vitest';
import { auc, aucParts } from '../../src/statistics/auc.js';

const rows = fc.array(fc.record({ label: fc.constantFrom(0, 1), score: fc.integer({ min: 0, max: 6 }) }), {
  maxLength: 40,
});

/** The share of pairs in which the first lies above the second; a tie is half a pair. */
const shareAbove = (one: number, others: readonly number[]): number =>
  others.reduce((sum, other) => sum + (one > other ? 1 : one === other ? 0.5 : 0), 0) / others.length;

it('counts for each row the rows of the other label below it, in the order of the rows', () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      const scoresOf = (label: number) => drawn.filter((row) => row.label === label).map(({ score }) => score);
      const [ones, zeros] = [scoresOf(1), scoresOf(0)];
      const parts = aucParts(
        drawn.map(({ label }) => label),
        drawn.map(({ score }) => score),
      );
      expect(parts === undefined).toBe(ones.length === 0 || zeros.length === 0);
      if (parts === undefined) return;
      expect([...parts.positives]).toEqual(ones.map((score) => shareAbove(score, zeros)));
      expect([...parts.negatives]).toEqual(zeros.map((score) => shareAbove(score, ones)));
      expect(parts.auc).toBeCloseTo(ones.reduce((sum, score) => sum + shareAbove(score, zeros), 0) / ones.length, 12);
    }),
  );
});

it('has no standard error with one row of a label', () => {
  expect(auc(Float64Array.of(1, 0, 0), Float64Array.of(0.9, 0.1, 0.2))).toBe(undefined);
  expect(auc(Float64Array.of(1, 1, 0, 0), Float64Array.of(0.9, 0.8, 0.1, 0.2))).toMatchObject({ value: 1, rows: 4 });
});
