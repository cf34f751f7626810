import { expect, it } from 'vitest';
import { companion } from '../../../src/drift/judge/rank-correlation.js';
import { seededRandom } from '../../../src/statistics/random.js';

const table = (columns: Readonly<Record<string, readonly (number | null)[]>>) => new Map(Object.entries(columns));

function pairs(seed: number, rows: number, noise: number) {
  const random = seededRandom(seed);
  const x = Array.from({ length: rows }, () => random());
  return { x, y: x.map((value) => Math.exp(3 * value) + noise * random()) };
}

it('is 1 for any increasing relation, −1 for a decreasing one, and knows ties by their mean rank', () => {
  const { x, y } = pairs(1, 500, 0);
  expect(companion('x', table({ x, y }), table({ x, y }))).toEqual({ with: 'y', before: 1, after: 1, isBroken: false });
  const falling = table({ x, y: y.map((value) => -value) });
  expect(companion('x', falling, falling)?.before).toBeCloseTo(-1, 12);
  // scipy.stats.spearmanr of 40 × [1, 1, 2, 3] against 40 × [1, 2, 2, 4] is 5 / 6
  const repeat = (values: readonly number[]) => Array.from({ length: 160 }, (_, i) => values[i % 4] ?? 0);
  const tied = table({ x: repeat([1, 1, 2, 3]), y: repeat([1, 2, 2, 4]) });
  expect(companion('x', tied, tied)?.before).toBeCloseTo(5 / 6, 12);
});

it('stays where both move together, and breaks where one is scaled in part', () => {
  const before = pairs(1, 2000, 2);
  const now = pairs(2, 2000, 2);
  const moved = { x: now.x.map((value) => 2 * value + 5), y: now.y.map((value) => 3 * value) };
  expect(companion('x', table(before), table(moved))).toMatchObject({ with: 'y', isBroken: false });
  const broken = { ...now, x: now.x.map((value, i) => (i % 2 === 0 ? value : 1 - value)) };
  expect(companion('x', table(before), table(broken))).toMatchObject({ with: 'y', isBroken: true });
});

it('has no company where there is none, and leaves missing values out', () => {
  const random = seededRandom(3);
  const noise = () => Array.from({ length: 500 }, () => random());
  expect(companion('x', table({ x: noise(), y: noise() }), table({ x: noise(), y: noise() }))).toBeUndefined();
  const { x, y } = pairs(4, 500, 0);
  const holes = x.map((value, i) => (i % 3 === 0 ? null : value));
  expect(companion('x', table({ x: holes, y }), table({ x, y }))?.before).toBe(1);
  expect(companion('x', table({ x: x.slice(0, 50), y: y.slice(0, 50) }), table({ x, y }))).toBeUndefined();
});
