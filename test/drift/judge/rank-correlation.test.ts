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

/** Numbers of which so many rows are shuffled, so that their rank correlation with the others is about one minus that share. */
function partly(seed: number, rows: number, shuffled: number) {
  const random = seededRandom(seed);
  const x = Array.from({ length: rows }, () => random());
  return { x, y: x.map((value) => (random() < shuffled ? random() : value)) };
}

it('is that with the closest companion, in either direction', () => {
  const { x, y } = partly(5, 1000, 0.5);
  const close = x.map((value, i) => -(i % 10 === 0 ? (y[i] ?? 0) : value));
  const all = table({ x, y, close });
  expect(companion('x', all, all)).toMatchObject({ with: 'close', isBroken: false });
  expect(companion('x', all, table({ x, y }))?.with).toBe('y');
  const weak = (shuffled: number) => companion('x', table(partly(6, 4000, shuffled)), table(partly(7, 4000, 0)));
  expect(weak(0.75)).toBeUndefined();
  expect(weak(0.65)).toBeDefined();
});

it('breaks where it lost three tenths of itself, whatever its sign', () => {
  const before = partly(8, 4000, 0);
  const after = (shuffled: number, sign = 1) => {
    const { x, y } = partly(9, 4000, shuffled);
    return companion('x', table(before), table({ x, y: y.map((value) => sign * value) }));
  };
  expect(after(0.25)?.isBroken).toBe(false);
  expect(after(0.35)?.isBroken).toBe(true);
  expect(after(0, -1)).toMatchObject({ after: -1, isBroken: true });
  const falling = (shuffled: number) => {
    const { x, y } = partly(9, 4000, shuffled);
    return table({ x, y: y.map((value) => -value) });
  };
  expect(companion('x', falling(0), falling(0.25))?.isBroken).toBe(false);
  expect(companion('x', falling(0), falling(0.35))?.isBroken).toBe(true);
});

it('is not broken by chance: four standard errors of the transformed correlations', () => {
  // 0.5 to 0.3 are 0.24 apart; four standard errors are 0.42 of a hundred pairs, and 0.07 of four thousand
  const before = table(partly(10, 4000, 0.5));
  const found = (rows: number) => companion('x', before, table(partly(11, rows, 0.7)));
  for (const rows of [110, 4000]) expect(found(rows)?.after).toBeLessThan(0.7 * (found(rows)?.before ?? 0));
  expect(found(110)?.isBroken).toBe(false);
  expect(found(4000)?.isBroken).toBe(true);
});

it('needs a hundred pairs of numbers that vary', () => {
  const { x, y } = partly(12, 100, 0);
  const full = table({ x, y });
  expect(companion('x', full, full)?.before).toBe(1);
  const short = table({ x: x.slice(1), y: y.slice(1) });
  expect(companion('x', short, full)).toBeUndefined();
  expect(companion('x', full, short)).toBeUndefined();
  const infinite = table({ x, y: y.map((value, i) => (i === 0 ? Number.POSITIVE_INFINITY : value)) });
  expect(companion('x', infinite, full)).toBeUndefined();
  const still = table({ x, y: y.map(() => 1) });
  expect(companion('x', still, full)).toBeUndefined();
  expect(companion('x', full, still)).toBeUndefined();
  expect(companion('y', still, full)).toBeUndefined();
});

it('breaks by a share of what it was: from 0.5 to 0.4 is no break, however many rows show it', () => {
  const before = table(partly(10, 8000, 0.5));
  const found = (shuffled: number) => companion('x', before, table(partly(11, 8000, shuffled)));
  expect(found(0.6)?.after).toBeCloseTo(0.4, 1);
  expect(found(0.6)?.isBroken).toBe(false);
  expect(found(0.7)?.isBroken).toBe(true);
});

it('is none of a column that a table does not have', () => {
  const { x, y } = partly(12, 100, 0);
  const full = table({ x, y });
  expect(companion('z', full, full)).toBeUndefined();
  expect(companion('x', full, table({ y }))).toBeUndefined();
});
