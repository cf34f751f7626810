import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../src/drift/judge/benjamini-hochberg.js';

const rounded = (values: readonly number[], digits = 6): readonly number[] =>
  values.map((value) => Number(value.toFixed(digits)));

describe('p-values corrected for their number', () => {
  // Benjamini and Hochberg 1995, section 3.1: of these fifteen hypotheses the first four are rejected at 0.05
  const PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  it('rejects the four hypotheses that the published example rejects', () => {
    const adjusted = benjaminiHochberg(PUBLISHED);
    expect(adjusted.map((p) => p <= 0.05)).toEqual([true, true, true, true, ...new Array(11).fill(false)]);
    expect(rounded(adjusted, 4)).toEqual([
      0.0015, 0.003, 0.0095, 0.0356, 0.0603, 0.0639, 0.0639, 0.0645, 0.0765, 0.486, 0.5812, 0.7149, 0.7532, 0.8132, 1,
    ]);
  });

  it('keeps the order in which they were given', () => {
    expect(rounded(benjaminiHochberg([0.01, 0.04, 0.03, 0.5]))).toEqual([0.04, 0.053333, 0.053333, 0.5]);
    expect(rounded(benjaminiHochberg([0.5, 0.03, 0.04, 0.01]))).toEqual([0.5, 0.053333, 0.053333, 0.04]);
  });

  it('leaves one alone, and is never above 1', () => {
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([0.2])).toEqual([0.2]);
    expect(benjaminiHochberg([0.9, 0.95])).toEqual([0.95, 0.95]);
  });
});
