import { expect, it } from 'vitest';
import { pairedDifference } from '../../../src/gate/judge/paired.js';
import { normalQuantile } from '../../../src/statistics/normal.js';
import { seededNormal } from '../../../src/statistics/random.js';

it('computes the quantiles of the normal distribution', () => {
  for (const [p, z] of [
    [0.5, 0],
    [0.95, 1.6448536],
    [0.975, 1.959964],
    [0.999, 3.0902323],
    [0.01, -2.3263479],
  ] as const)
    expect(normalQuantile(p)).toBeCloseTo(z, 6);
});

function sample(rows: number, seed: number) {
  const normal = seededNormal(seed);
  const label = Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const shared = label.map((y) => y + normal());
  const noisy = (spread: number) => shared.map((value) => value + spread * normal());
  return { label, candidate: noisy(0.3), champion: noisy(1) };
}

/** AUC by counting pairs. */
function auc(label: readonly number[], score: readonly number[]): number {
  const [positive, negative] = [1, 0].map((y) => score.filter((_, i) => label[i] === y));
  const wins = positive?.flatMap((p) => negative?.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)) ?? []) ?? [];
  return wins.reduce((sum: number, one) => sum + one, 0) / wins.length;
}

it('gives the difference of two AUCs, and the standard error that a bootstrap gives', () => {
  const pairs = sample(600, 5);
  const found = pairedDifference('auc', pairs);
  expect(found?.difference).toBeCloseTo(auc(pairs.label, pairs.candidate) - auc(pairs.label, pairs.champion), 10);
  let state = 99;
  const pick = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
  const draws = Array.from({ length: 300 }, () => {
    const rows = pairs.label.map(() => pick(pairs.label.length));
    const of = (values: readonly number[]) => rows.map((i) => values[i] ?? 0);
    return (
      pairedDifference('auc', { label: of(pairs.label), candidate: of(pairs.candidate), champion: of(pairs.champion) })
        ?.difference ?? 0
    );
  });
  const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
  const sd = Math.sqrt(draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length);
  expect((found?.standardError ?? 0) / sd).toBeGreaterThan(0.85);
  expect((found?.standardError ?? 0) / sd).toBeLessThan(1.15);
});

it('pairs means over rows, and rejects metrics that it cannot pair', () => {
  const pairs = { label: [1, 0, 1, 0], candidate: [0.9, 0.1, 0.8, 0.2], champion: [0.6, 0.4, 0.6, 0.4] };
  expect(pairedDifference('brier', pairs)?.difference).toBeCloseTo((0.01 + 0.01 + 0.04 + 0.04) / 4 - 0.16, 10);
  expect(pairedDifference('ndcg', pairs)).toBeUndefined();
  expect(pairedDifference('auc', { label: [1, 1], candidate: [0, 1], champion: [1, 0] })).toBeUndefined();
});

it('knows the counted metrics at a threshold of one half, and average precision', () => {
  const pairs = { label: [1, 0, 1, 0, 1], candidate: [0.9, 0.8, 0.7, 0.2, 0.1], champion: [0.1, 0.9, 0.2, 0.8, 0.3] };
  const value = (metric: string) => pairedDifference(metric, pairs)?.candidate;
  expect(value('precision')).toBeCloseTo(2 / 3);
  expect(value('recall')).toBeCloseTo(2 / 3);
  expect(value('f1')).toBeCloseTo(2 / 3);
  expect(value('balanced_accuracy')).toBeCloseTo((2 / 3 + 1 / 2) / 2);
  expect(value('average_precision')).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3);
  expect(pairedDifference('f1', pairs)).toEqual(pairedDifference('f1', pairs));
});
