import { expect, it } from 'vitest';
import type { RunId } from '../../../src/domain/ids.js';
import { isYoungestOfCircle } from '../../../src/platform/locks/waiting-circle.js';

const waits = (...pairs: readonly string[]) =>
  pairs.map((pair) => ({ waiting: pair[0] as RunId, user: pair[1] as RunId }));

const givingWay = (...pairs: readonly string[]): string =>
  ['a', 'b', 'c', 'd'].filter((run) => isYoungestOfCircle(run as RunId, waits(...pairs))).join('');

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
