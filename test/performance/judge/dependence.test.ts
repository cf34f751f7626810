import { describe, expect, it } from 'vitest';
import {
  addItem,
  resumeDependence,
  saveDependence,
  startDependence,
} from '../../../src/performance/judge/detectors/dependence.js';
import { seededNormal } from '../../../src/statistics/random.js';
import { rateOf } from './definitions.js';

describe('dependence between items', () => {
  const inflationOf = (values: readonly number[]): number => {
    const state = startDependence();
    for (const x of values) addItem(state, x);
    return state.inflation;
  };
  /** Each item resembles the one before; the long-run variance is (1 + r)/(1 − r) times the items' own. */
  const resembling = (r: number, count: number): number[] => {
    const normal = seededNormal(51);
    let x = 0;
    return Array.from({ length: count }, () => {
      x = r * x + Math.sqrt(1 - r * r) * normal();
      return x;
    });
  };

  it('is none for independent items, and near the long-run variance for others', () => {
    expect(inflationOf(resembling(0, 20_000))).toBe(1);
    const found = inflationOf(resembling(0.9, 100_000));
    expect(found).toBeGreaterThan(19 / 2);
    expect(found).toBeLessThan(19 * 2);
  });

  it('does not depend on the unit or the level', () => {
    const values = resembling(0.9, 5000);
    expect(inflationOf(values.map((x) => 1024 * x + 4096))).toBeCloseTo(inflationOf(values), 6);
  });

  it('does not count a few changes of level as dependence', () => {
    expect(inflationOf(resembling(0, 4000).map((x, i) => x + (i < 2000 ? 0 : 1)))).toBe(1);
  });

  it('is unknown at first, and 1 for items that never vary', () => {
    expect(inflationOf(resembling(0.99, 31))).toBe(1);
    expect(inflationOf(Array<number>(500).fill(7))).toBe(1);
  });

  it('is computed first at the 32nd item, and then after at least 32 more or an eighth', () => {
    const state = startDependence();
    const at: number[] = [];
    for (let i = 1; i <= 600; i++) {
      const before = state.next;
      addItem(state, i % 2);
      if (state.next !== before) at.push(i);
    }
    expect(at).toEqual([32, 64, 96, 128, 160, 192, 224, 256, 288, 324, 364, 409, 460, 517, 581]);
  });

  it.each([200, 581, 1024, 4000])('is the greatest ratio over blocks of 1, 2, 4 … items, of %i', (count) => {
    const values = resembling(0.8, count);
    const variance = rateOf(values.map((x) => (x - rateOf(values)) ** 2));
    const ratios = [1, 2, 4, 8, 16, 32, 64, 128].flatMap((size) => {
      const means = Array.from({ length: Math.floor(count / size) }, (_, i) =>
        rateOf(values.slice(i * size, (i + 1) * size)),
      );
      const squares = means.slice(1).map((mean, i) => (mean - (means[i] ?? 0)) ** 2);
      const kept = squares.slice(-32).sort((a, b) => a - b);
      // the mean of chi-square below its 7/8 quantile is 0.5686
      const trimmed = rateOf(kept.slice(0, Math.ceil((7 / 8) * kept.length)));
      return squares.length < 16 ? [] : [(size * trimmed) / (2 * 0.5686 * variance)];
    });
    const state = startDependence();
    for (const x of values) {
      if (state.count === count - 1) state.next = count;
      addItem(state, x);
    }
    expect(Math.max(...ratios)).toBeGreaterThan(2.5);
    expect(state.inflation).toBeCloseTo(Math.max(...ratios), 9);
  });

  it('takes no more room than 32 squares for each of 13 sizes of blocks, and none is lost in a saved state', () => {
    const state = startDependence();
    for (const x of resembling(0.5, 17_000)) addItem(state, x);
    const squares = state.levels.map((one) => one.squares.length);
    // of 4,096 items there are four blocks, so three differences
    expect(squares).toEqual([32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 15, 7, 3]);
    expect(resumeDependence(JSON.parse(JSON.stringify(saveDependence(state))))).toEqual(state);
  });

  it('refuses a saved state without levels', () => {
    expect(() => resumeDependence({ count: 1 })).toThrow('internal error: saved detector state without levels');
  });
});
