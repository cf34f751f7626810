import { describe, expect, it } from 'vitest';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { locateChange } from '../../../src/performance/judge/change/locate-change.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

interface Draw {
  readonly normal: () => number;
  readonly uniform: () => number;
}
type World = (draw: Draw, way: number) => readonly [prediction: number, label: number];

const BEGIN = 90;
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Ninety quiet days of 100 rows, then a change that takes `days`, then `after` days more. */
function formOf(world: World, seed: number, { days, after }: { readonly days: number; readonly after: number }) {
  const draw = { normal: seededNormal(seed), uniform: seededRandom(seed + 500) };
  const all = Array.from({ length: (BEGIN + days + after) * 100 }, (_, i) => {
    const [prediction, label] = world(draw, Math.max(0, Math.min(1, (i / 100 - BEGIN) / days)));
    return { time: (i / 100) * DAY_MS, prediction, label };
  });
  const isBits = all.every(({ label }) => label === 0 || label === 1);
  const column = (of: (row: (typeof all)[number]) => number): Float64Array => Float64Array.from(all, of);
  const rows = {
    time: column((row) => row.time),
    prediction: column((row) => row.prediction),
    label: column((row) => row.label),
    error: column(({ prediction, label }) => (isBits ? (label - prediction) ** 2 : Math.abs(label - prediction))),
  };
  return locateChange(rows, 7 * DAY_MS, instantOf((BEGIN + days / 2) * DAY_MS))?.change.form;
}

const named = (form: string, world: World, length: { readonly days: number; readonly after: number }): number =>
  [1, 2, 3, 4].filter((seed) => formOf(world, 40 + seed, length) === form).length;

const binary =
  (strengthAt: (way: number, draw: Draw) => number): World =>
  (draw, way) => {
    const z = 1.5 * draw.normal() - 0.5;
    return [sigmoid(z), draw.uniform() < sigmoid(strengthAt(way, draw) * z) ? 1 : 0];
  };
const numeric =
  (noise: (way: number, draw: Draw) => number): World =>
  (draw, way) => {
    const prediction = 200 + 40 * draw.normal();
    return [prediction, prediction + noise(way, draw)];
  };
/** The label moves from a column that the model knows to one that it does not. */
const turning: World = (draw, way) => {
  const [x, hidden, angle] = [1.5 * draw.normal(), 1.5 * draw.normal(), 2.2 * way];
  const chance = sigmoid(Math.cos(angle) * x + Math.sin(angle) * hidden - 0.5);
  return [sigmoid(x - 0.5), draw.uniform() < chance ? 1 : 0];
};

describe('one world that moves steadily is incremental', () => {
  it.each([
    ['a relation that turns, in a month', turning, { days: 30, after: 5 }],
    ['a relation that turns, in two months', turning, { days: 60, after: 5 }],
    ['a score that loses its meaning', binary((way) => 1 - 1.3 * way), { days: 45, after: 20 }],
    ['numbers with a bias that grows', numeric((way, { normal }) => 12 * normal() + 30 * way), { days: 60, after: 5 }],
    [
      'numbers with errors that widen',
      numeric((way, { normal }) => (12 + 18 * way) * normal()),
      { days: 60, after: 10 },
    ],
  ] as const)('%s', (_, world, length) => {
    expect(named('incremental', world, length)).toBeGreaterThanOrEqual(3);
  });
});

describe('two worlds of which the new one wins are gradual', () => {
  it.each([
    ['more and more turned labels', binary((way, { uniform }) => (uniform() < way ? -0.7 : 1)), { days: 40, after: 5 }],
    [
      'more and more rows with a bias',
      numeric((way, { normal, uniform }) => 12 * normal() + (uniform() < way ? 60 : 0)),
      { days: 40, after: 5 },
    ],
    [
      'more and more rows with wide errors',
      numeric((way, { normal, uniform }) => (uniform() < way ? 40 : 10) * normal()),
      { days: 30, after: 10 },
    ],
  ] as const)('%s', (_, world, length) => {
    expect(named('gradual', world, length)).toBeGreaterThanOrEqual(3);
  });
});
