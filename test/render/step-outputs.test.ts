import { expect, it } from 'vitest';
import { dotenvText } from '../../src/render/step-outputs.js';

const numbered = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${i}`, value]));

it.each([
  ['20 variables', numbered(20, 'x'), 20, []],
  ['21 variables', numbered(21, 'x'), 20, ['REFIT_V20']],
  ['5 KB', { a: 'x'.repeat(4991) }, 1, []],
  ['more than 5 KB in one value', { a: 'x'.repeat(4992), b: 'y' }, 1, ['REFIT_A']],
])('names what GitLab would refuse of %s', (_, metrics, kept, leftOut) => {
  const { text, leftOut: named } = dotenvText({ ...metrics });
  expect(text.split('\n').filter((line) => line !== '')).toHaveLength(kept);
  expect(named).toEqual(leftOut);
});
