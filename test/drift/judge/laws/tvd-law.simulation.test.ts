import { describe, expect, it } from 'vitest';
import { tvdLaw, tvdMoments } from '../../../../src/drift/judge/laws/tvd-law.js';
import { totalVariation } from '../../../../src/statistics/distribution.js';
import { seededRandom } from '../../../../src/statistics/random.js';

const SHAPES: Readonly<Record<string, (k: number) => readonly number[]>> = {
  equal: (k) => new Array<number>(k).fill(1 / k),
  'long-tailed': (k) => {
    const weights = Array.from({ length: k }, (_, i) => 1 / (i + 1));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  },
  'one dominant': (k) => [0.8, ...new Array<number>(k - 1).fill(0.2 / (k - 1))],
};

function draw(random: () => number, shares: readonly number[], rows: number): readonly number[] {
  const counts = new Array<number>(shares.length).fill(0);
  for (let row = 0; row < rows; row++) {
    let [left, i] = [random(), 0];
    while (i < shares.length - 1 && left >= (shares[i] ?? 0)) left -= shares[i++] ?? 0;
    counts[i] = (counts[i] ?? 0) + 1;
  }
  return counts;
}

/** Mean and share beyond the 1 % limit of distances simulated without drift. */
function simulate(shares: readonly number[], rows: readonly [number, number], draws: number) {
  const random = seededRandom(shares.length * 31 + rows[1]);
  let [beyond, seen, predicted] = [0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const cells = { reference: draw(random, shares, rows[0]), current: draw(random, shares, rows[1]) };
    const score = totalVariation(cells);
    seen += score / draws;
    predicted += tvdMoments(cells).mean / draws;
    if (score > tvdLaw(cells, 0.01, score).limit) beyond++;
  }
  return { rate: beyond / draws, ratio: predicted / seen };
}

describe('the no-drift law of the total variation distance', () => {
  const cases = Object.keys(SHAPES).flatMap((shape) =>
    [2, 3, 10, 40, 300].flatMap((k) => [[shape, k, 200, 200] as const, [shape, k, 200, 1500] as const]),
  );
  it.each(cases)(
    '%s shares, %d cells, %d against %d rows: the mean is right, 1 % lie beyond the limit',
    (shape, k, n, m) => {
      const { rate, ratio } = simulate(SHAPES[shape]?.(k) ?? [], [n, m], 1000);
      expect(ratio).toBeGreaterThan(0.97);
      expect(ratio).toBeLessThan(1.03);
      expect(rate).toBeLessThan(0.022);
    },
  );
});
