import { describe, expect, it } from 'vitest';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { normals, pair, roundTo, uniforms } from '../profiles.js';

const N = 3000;
const noise = uniforms(9, N);
const stays = (seed: number, median = 90): number[] =>
  normals(seed, N, (z) => Math.max(1, Math.round(median * Math.exp(0.5 * z))));
const weights = (seed: number, unit = 1): number[] => normals(seed, N, (z) => roundTo(1)(unit * (75 + 12 * z)));
const says = (name: string, was: readonly number[], is: readonly number[]): string => {
  const fault = testRepairs(pair(name, was, is));
  return fault === undefined ? 'nothing' : `${fault.severity} ${fault.repair}`;
};

describe('a quantity that is measured in another unit, and not converted', () => {
  const seconds = stays(2).map((one, i) => 60 * one + Math.floor(60 * (noise[i] ?? 0)));

  it('is unclear where its name has that unit', () => {
    expect(says('minutes', stays(1), seconds)).toBe('unclear divide by 60 (seconds to minutes)');
    expect(says('weight', weights(1), weights(2, 1 / 0.45359237))).toBe(
      'unclear divide by 2.20462262 (pounds to kilograms)',
    );
  });

  it('may vary widely where the factor is large', () => {
    const wide = (seed: number): number[] => normals(seed, N, (z) => Math.max(1, Math.round(90 * Math.exp(z))));
    const read = wide(2).map((one, i) => 60 * one + Math.floor(60 * (noise[i] ?? 0)));
    expect(says('minutes', wide(1), read)).toBe('unclear divide by 60 (seconds to minutes)');
  });

  it('is drift under any other name', () => {
    expect(says('x', weights(1), weights(2, 1 / 0.45359237))).toBe('nothing');
    expect(says('price', weights(1), weights(2, 1 / 0.45359237))).toBe('nothing');
  });

  it('is drift where it has grown by another factor', () => {
    expect(says('weight', weights(1), weights(2, 1.9))).toBe('nothing');
    expect(says('weight', weights(1), weights(2, 2.5))).toBe('nothing');
  });

  it('is still a fault where its grid shows a conversion', () => {
    expect(
      says(
        'minutes',
        stays(1),
        stays(2).map((one) => 60 * one),
      ),
    ).toMatch(/^error/);
  });
});
