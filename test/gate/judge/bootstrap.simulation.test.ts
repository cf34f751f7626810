import { expect, it } from 'vitest';
import { lowerGain, pairedDifference } from '../../../src/gate/judge/paired.js';
import { seededNormal } from '../../../src/statistics/random.js';

it('bootstraps metrics that are not means over rows: the value is the metric, the interval matches that of many samples', () => {
  // rmse of errors with a known spread: candidate 1, champion 1.2
  const draw = (seed: number, rows = 800) => {
    const normal = seededNormal(seed);
    const label = Array.from({ length: rows }, () => 10 * normal());
    const noisy = (spread: number) => label.map((y) => y + spread * normal());
    return { label, candidate: noisy(1), champion: noisy(1.2) };
  };
  const found = pairedDifference('rmse', draw(3));
  expect(found?.candidate).toBeCloseTo(1, 1);
  expect(found?.difference).toBeCloseTo(-0.2, 1);
  const samples = Array.from({ length: 200 }, (_, seed) => pairedDifference('rmse', draw(seed + 100, 800)));
  const differences = samples.map((one) => one?.difference ?? 0);
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  const spread = Math.sqrt(differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / differences.length);
  expect(found?.standardError).toBeGreaterThan(spread * 0.8);
  expect(found?.standardError).toBeLessThan(spread * 1.25);
  // the surely reached gain of a lower-is-better metric lies below the gain, in 95 of 100 samples below the true one
  const covered = samples.filter((one) => one !== undefined && lowerGain(one, -1, 0.95) <= 0.2).length;
  expect(covered).toBeGreaterThanOrEqual(180);
  expect(covered).toBeLessThanOrEqual(199);
}, 300_000);
