import { expect, it } from 'vitest';
import { wholeDays } from '../../../../src/data/judge/windows/whole-days.js';

const DAY = 86_400_000;

it.each([
  // shorter windows keep their length
  [0.4, 0.4],
  [2.4, 2.4],
  [2.6, 3],
  [3.4, 4],
  [4, 4],
  // Monday morning to Friday evening, or to Saturday, or to Sunday
  [4.4, 7],
  [5.4, 7],
  [6.4, 7],
  [7, 7],
  [7.1, 8],
  [11.4, 14],
  [13.9, 14],
  [27.6, 28],
  [30, 30],
  [30.6, 31],
])('%f days from the first to the last row are a window of %f days', (length, days) => {
  expect(wholeDays(length * DAY) / DAY).toBeCloseTo(days, 9);
});
