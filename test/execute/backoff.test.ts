import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from '../../src/execute/attempt/backoff.js';

it('doubles within a quarter more or less, and never above the bound', () => {
  fc.assert(
    fc.property(fc.nat({ max: 60_000 }), fc.integer({ min: 1, max: 60 }), fc.string(), (delayMs, failed, seed) => {
      const nominal = Math.min(delayMs * 2 ** (failed - 1), 3_600_000);
      const waited = backoffMs({ count: 60, delayMs, backoff: 'exponential' }, failed, seed);
      expect(waited).toBeGreaterThanOrEqual(Math.floor(0.75 * nominal));
      expect(waited).toBeLessThanOrEqual(Math.ceil(1.25 * nominal));
    }),
  );
});

it('differs between seeds and is the same for one seed; constant has no jitter', () => {
  const retries = { count: 3, delayMs: 1000, backoff: 'exponential' } as const;
  const waits = Array.from({ length: 50 }, (_, i) => backoffMs(retries, 2, `run ${i}`));
  expect(new Set(waits).size).toBeGreaterThan(40);
  expect(backoffMs(retries, 2, 'run 7')).toBe(waits[7]);
  expect(backoffMs({ ...retries, backoff: 'constant' }, 9, 'x')).toBe(1000);
});
