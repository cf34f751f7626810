import { describe, expect, it } from 'vitest';
import { compareColumn } from '../../../../src/drift/judge/compare-column.js';
import { seededNormal, seededRandom } from '../../../../src/statistics/random.js';
import { hours, inOrder, OPTIONS, take, verdictOf, WEEK, windowOf, withoutOrder } from '../columns.js';

/** A switch that stays as it is for 20 hours. */
function switches(seed: number): () => number {
  const u = seededRandom(seed);
  let isOn = u() < 0.3;
  return () => {
    if (u() < (isOn ? 1 / 20 : 3 / 140)) isOn = !isOn;
    return isOn ? 1 : 0;
  };
}

function countDrifts(series: (seed: number) => () => number, weeks: number, change: (x: number) => number) {
  const found = { ordered: 0, bare: 0 };
  for (let seed = 1; seed <= 30; seed++) {
    const next = series(seed);
    const reference = inOrder(take(weeks * WEEK, next));
    const current = windowOf(reference, take(WEEK, next).map(change));
    if (verdictOf(reference, current) === 'drift') found.ordered++;
    if (verdictOf(withoutOrder(reference), current) === 'drift') found.bare++;
  }
  return found;
}

describe('the next week of hours that follow each other', () => {
  it.each([
    ['each keeps half of the hour before', (seed: number) => hours(seed, 0.5)],
    ['each keeps 0.9 of it', (seed: number) => hours(seed, 0.9)],
    ['each keeps 0.97 of it', (seed: number) => hours(seed, 0.97)],
    ['on and off', switches],
  ])('is no drift: %s', (_, series) => {
    expect(countDrifts(series, 12, (x) => x).ordered).toBeLessThanOrEqual(1);
  });

  it('would be drift by the limits of independent rows', () => {
    expect(
      countDrifts(
        (seed) => hours(seed, 0.9),
        12,
        (x) => x,
      ).bare,
    ).toBeGreaterThan(8);
    expect(countDrifts(switches, 12, (x) => x).bare).toBeGreaterThan(8);
  });

  it('is found when it moves by more than the weeks before did', () => {
    expect(
      countDrifts(
        (seed) => hours(seed, 0.5),
        12,
        (x) => x + 1,
      ).ordered,
    ).toBe(30);
    expect(
      countDrifts(
        (seed) => hours(seed, 0.9),
        12,
        (x) => x + 2,
      ).ordered,
    ).toBeGreaterThan(24);
  });

  it('has the same limit for independent rows, in whatever order', () => {
    const shifted = countDrifts(
      (seed) => seededNormal(seed),
      12,
      (x) => x + 0.5,
    );
    expect(shifted.ordered).toBe(shifted.bare);
    expect(shifted.bare).toBeGreaterThan(24);
  });

  it.each(['psi', 'chi_square', 'wasserstein', 'jensen_shannon', 'l_infinity'] as const)(
    'is found by %s, too',
    (method) => {
      let alarms = 0;
      let found = 0;
      for (let seed = 1; seed <= 8; seed++) {
        const next = hours(seed, 0.9);
        const reference = inOrder(take(12 * WEEK, next));
        const week = take(WEEK, next);
        const verdict = (values: readonly number[]) =>
          compareColumn(reference, windowOf(reference, values), { ...OPTIONS, method }).verdict;
        if (verdict(week) === 'drift') alarms++;
        if (verdict(week.map((x) => x + 4)) === 'drift') found++;
      }
      expect(alarms).toBeLessThanOrEqual(1);
      expect(found).toBeGreaterThanOrEqual(6);
    },
  );
});
