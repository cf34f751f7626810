import { expect, it } from 'vitest';
import { isYoungestOfCircle } from '../../../src/platform/locks/waiting-circle.js';

/** `a` began first. */
const RUNS = 'abcd';

const waits = (...pairs: readonly string[]) =>
  pairs.map((pair) => ({ waiting: RUNS.indexOf(pair.charAt(0)), user: RUNS.indexOf(pair.charAt(1)) }));

const givingWay = (...pairs: readonly string[]): string =>
  [...RUNS].filter((_, number) => isYoungestOfCircle(number, waits(...pairs))).join('');

it.each([
  ['nobody who only waits', ['ab', 'bc'], ''],
  ['the younger of two', ['ab', 'ba'], 'b'],
  ['the youngest of three', ['ab', 'bc', 'ca'], 'c'],
  ['nobody who waits for a circle without being in it', ['ab', 'ba', 'db'], 'b'],
  ['nobody for whom a circle waits', ['ab', 'ba', 'ad'], 'b'],
  ['the youngest of each of two circles', ['ab', 'ba', 'cd', 'dc'], 'bd'],
  ['the youngest of circles that meet', ['ab', 'ba', 'bc', 'cb'], 'c'],
  ['one that waits for two at once', ['ab', 'ac', 'ca'], 'c'],
])('gives way: %s', (_, pairs, expected) => {
  expect(givingWay(...pairs)).toBe(expected);
});
