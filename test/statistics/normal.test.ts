import { expect, it } from 'vitest';
import { normalQuantile } from '../../src/statistics/normal.js';
import { normalTail } from '../../src/statistics/special-functions.js';

it.each([1e-9, 1e-5, 0.001, 0.02424, 0.02426, 0.3, 0.5, 0.7, 0.975, 0.99999])('inverts the tail at %d', (p) => {
  expect(normalTail(-normalQuantile(p)) / p).toBeCloseTo(1, 7);
});
