import { describe, expect, it } from 'vitest';
import { type SampledColumn, separate } from '../../../src/drift/judge/domain-classifier.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

function columns(
  seed: number,
  rows: number,
  move: (column: number, value: number) => number | null,
): readonly SampledColumn[] {
  const normal = seededNormal(seed);
  const random = seededRandom(seed);
  const numbers = Array.from({ length: 5 }, (_, k) => ({
    name: `x${k}`,
    reference: Array.from({ length: rows }, normal),
    current: Array.from({ length: rows }, () => move(k, normal())),
  }));
  const letters = () => Array.from({ length: rows }, () => 'abcd'[Math.floor(random() * 4)] ?? '');
  return [...numbers, { name: 'letter', reference: letters(), current: letters() }];
}

describe('the domain classifier', () => {
  it('does not separate windows without a change', () => {
    const found = Array.from({ length: 20 }, (_, i) => separate(columns(i + 1, 400, (_, value) => value)));
    expect(found.filter((one) => (one?.auc ?? 1) > (one?.threshold ?? 0))).toEqual([]);
    const mean = found.reduce((sum, one) => sum + (one?.auc ?? 0), 0) / 20;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
  });

  it.each([
    ['a shift', (value: number) => value + 0.8],
    ['a wider spread', (value: number) => value * 2.5],
    ['missing values', (value: number) => (value > 0.5 ? null : value)],
    ['one wild value among a shift', (value: number) => (value > 3 ? 1e300 : value + 0.8)],
  ])('finds %s, and names the column', (_, move) => {
    const found = separate(columns(3, 800, (k, value) => (k === 2 ? move(value) : value)));
    expect(found?.auc).toBeGreaterThan(found?.threshold ?? 1);
    expect(found?.columns[0]?.name).toBe('x2');
    expect(found?.pValue).toBeLessThan(0.001);
  });

  it('names the rows that moved', () => {
    const rows = separate(columns(4, 800, (k, value) => (k === 0 && value > 1 ? value + 5 : value)));
    const moved = columns(4, 800, (k, value) => (k === 0 && value > 1 ? value + 5 : value))[0]?.current ?? [];
    const named = (rows?.rows ?? []).slice(0, 10).map((row) => Number(moved[row]));
    expect(named).toHaveLength(10);
    expect(Math.min(...named)).toBeGreaterThan(5);
  });

  it('gives no result for too few rows', () => {
    expect(separate(columns(5, 40, (_, value) => value))).toBeUndefined();
  });
});
