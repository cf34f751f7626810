import { describe, expect, it } from 'vitest';
import { mannerOf } from '../../../src/performance/judge/change/manner.js';
import { calibrationManner } from '../../../src/performance/judge/change/manner-of-bits.js';
import { residualManner } from '../../../src/performance/judge/change/manner-of-numbers.js';

const ROWS = 2000;
/** Numbers spread evenly over [0, 1) in an order that looks random (Weyl's sequence): three independent ones. */
const spread = (step: number) => (i: number) => (i * step) % 1;
const [u, v, w] = [spread(0.618033988749895), spread(0.7548776662466927), spread(0.5698402909980532)];
const column = (value: (i: number) => number): Float64Array => Float64Array.from({ length: ROWS }, (_, i) => value(i));
const time = column((i) => i);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

type Moving = { readonly start: number; readonly end: number };
const wayAt = ({ start, end }: Moving, i: number): number => Math.max(0, Math.min(1, (i - start) / (end - start)));

/** Numbers that are 30 too large: more and more of them, or all of them by more and more. */
const numbers = (moving: Moving, form: 'gradual' | 'incremental') => {
  const prediction = column((i) => 100 + i / 10);
  const bias = (i: number): number => (form === 'gradual' ? (v(i) < wayAt(moving, i) ? 30 : 0) : 30 * wayAt(moving, i));
  return { time, prediction, label: column((i) => 100 + i / 10 + 10 * (u(i) - 0.5) + bias(i)) };
};

/** Labels that turn against their score: more and more of them, or all of them by more and more. */
const labels = (moving: Moving, form: 'gradual' | 'incremental') => {
  const chance = (i: number): number => 0.01 + 0.98 * u(i);
  const turned = (i: number): number => (v(i) < wayAt(moving, i) ? 1 - chance(i) : chance(i));
  const odds = (i: number): number => Math.log(chance(i) / (1 - chance(i)));
  const fading = (i: number): number => sigmoid((1 - 2 * wayAt(moving, i)) * odds(i));
  const label = column((i) => (w(i) < (form === 'gradual' ? turned(i) : fading(i)) ? 1 : 0));
  return { time, prediction: column(chance), odds: column(odds), label };
};

// Expected gains: the same definitions in numpy, the likelihoods of labels maximised by scipy (L-BFGS-B).
describe('the gain of a mixture over one world that moves', () => {
  it.each([
    [800, 1600, 525.669377531404, -1027.2513267517438],
    // too few rows after the end: the last fifth of the change stands for what it leads to
    [800, 1990, 358.72145730203243, -1300.7535845895304],
    [900, 1951, 355.0748505858114, -1178.393228143178],
    [900, 1950, 691.3350850360798, -1381.2368784970315],
  ])('for numbers, a change from %i to %i', (start, end, gradual, incremental) => {
    const moving = { start, end };
    expect(residualManner(numbers(moving, 'gradual'), moving)).toBeCloseTo(gradual, 6);
    expect(residualManner(numbers(moving, 'incremental'), moving)).toBeCloseTo(incremental, 6);
  });

  it.each([
    [800, 1600, 0.7054, -2.5033],
    [700, 1900, 0.5494, -5.3444],
  ])('for labels, a change from %i to %i', (start, end, gradual, incremental) => {
    const moving = { start, end };
    expect(calibrationManner(labels(moving, 'gradual'), moving)).toBeCloseTo(gradual, 2);
    expect(calibrationManner(labels(moving, 'incremental'), moving)).toBeCloseTo(incremental, 2);
  });

  it('for labels does not depend on the unit of a score that is no probability', () => {
    const moving = { start: 800, end: 1600 };
    const { odds, ...rows } = labels(moving, 'incremental');
    const scored = (factor: number, shift: number) =>
      calibrationManner({ ...rows, prediction: odds.map((z) => factor * z + shift) }, moving);
    expect(scored(3, 5)).toBeCloseTo(-2.5033, 2);
    expect(scored(100, -20)).toBeCloseTo(scored(3, 5), 5);
  });

  it('for labels stands still where every score is equal, and takes a certain score as log-odds of 6', () => {
    const moving = { start: 800, end: 1600 };
    const { label } = labels(moving, 'gradual');
    const flat = (score: number) => calibrationManner({ time, label, prediction: column(() => score) }, moving);
    expect(Number.isFinite(flat(7))).toBe(true);
    expect(flat(1)).toBeCloseTo(flat(sigmoid(6)), 6);
    expect(flat(0)).toBeCloseTo(flat(sigmoid(-6)), 6);
  });
});

describe('the manner of a change', () => {
  const moving = { start: 800, end: 1600 };

  it.each(['gradual', 'incremental'] as const)('is %s, of numbers and of labels', (form) => {
    expect(mannerOf(numbers(moving, form), moving)).toBe(form);
    expect(mannerOf(labels(moving, form), moving)).toBe(form);
  });

  it('is found as well while the change goes on', () => {
    const open = { start: 1000, end: Number.POSITIVE_INFINITY };
    expect(mannerOf(numbers({ start: 1000, end: ROWS }, 'gradual'), open)).toBe('gradual');
    expect(mannerOf(numbers({ start: 1000, end: ROWS }, 'incremental'), open)).toBe('incremental');
  });

  it('needs a hundred rows before it, and a hundred in it', () => {
    const form = (start: number, end: number) => mannerOf(numbers({ start, end }, 'gradual'), { start, end });
    expect(form(100, 1500)).toBeDefined();
    expect(form(99, 1500)).toBeUndefined();
    expect(form(1000, 1100)).toBeDefined();
    expect(form(1000, 1099)).toBeUndefined();
    const none = new Float64Array();
    expect(mannerOf({ time: none, prediction: none, label: none }, { start: 0, end: 9 })).toBeUndefined();
  });
});
