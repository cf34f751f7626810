import { expect, it } from 'vitest';
import { type Instant, instantOf, MINUTE_MS } from '../../../src/domain/support/time.js';
import { expectedInterval } from '../../../src/retrain/judge/expected-interval.js';

/** Ticks with these minutes between them, newest first. */
function ticks(minutes: readonly number[]): readonly Instant[] {
  let at = 1_000_000 * MINUTE_MS;
  return [at, ...minutes.map((one) => (at -= one * MINUTE_MS))].map(instantOf);
}
const intervalOf = (...minutes: readonly number[]): number | undefined => {
  const found = expectedInterval(ticks(minutes));
  return found === undefined ? undefined : found / MINUTE_MS;
};

it('is the median interval of seven ticks, and undefined for six', () => {
  expect(intervalOf(60, 60, 60, 60, 60, 60)).toBe(60);
  expect(intervalOf(60, 60, 60, 60, 60)).toBeUndefined();
  expect(intervalOf()).toBeUndefined();
  expect(expectedInterval([])).toBeUndefined();
  expect(intervalOf(55, 65, 57, 63, 59, 61, 60)).toBe(60);
});

it('is undefined for irregular ticks: at most a quarter of the intervals may lie beyond a factor of two', () => {
  expect(intervalOf(60, 60, 60, 60, 60, 60, 1000, 1000)).toBe(60);
  expect(intervalOf(60, 60, 60, 60, 60, 1000, 1000, 1000)).toBeUndefined();
  expect(intervalOf(60, 60, 60, 60, 60, 60, 1, 1)).toBe(60);
  expect(intervalOf(60, 60, 60, 60, 60, 1, 1, 1)).toBeUndefined();
});

it('counts an interval of exactly half or twice the median as regular', () => {
  expect(intervalOf(60, 60, 60, 30, 30, 120, 120, 60)).toBe(60);
  expect(intervalOf(60, 60, 60, 29, 29, 121, 121, 60)).toBeUndefined();
});

it('is at least a minute, because manual calls in a row are not regular', () => {
  expect(intervalOf(1, 1, 1, 1, 1, 1)).toBe(1);
  expect(intervalOf(0.99, 0.99, 0.99, 0.99, 0.99, 0.99)).toBeUndefined();
});
