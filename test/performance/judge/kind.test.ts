import { describe, expect, it } from 'vitest';
import { compareWithinStrata, kindOfChange } from '../../../src/performance/judge/change/kind.js';
import { seededRandom } from '../../../src/statistics/random.js';

/** A world of inputs in ten cells, the later ones likelier with `lean`, and a label that is `inverted` or not. */
function world(seed: number, { lean = 0, isInverted = false } = {}) {
  const uniform = seededRandom(seed);
  const rows = Array.from({ length: 4000 }, () => {
    const cell = Math.floor(10 * uniform() ** (1 / (1 + lean)));
    const rate = (cell + 0.5) / 10;
    return { cell, label: uniform() < (isInverted ? 1 - rate : rate) ? 1 : 0 };
  });
  return { strata: rows.map(({ cell }) => cell), outcomes: rows.map(({ label }) => label) };
}

describe('comparing outcomes among alike inputs', () => {
  it('finds no change if only the inputs moved, and a new relation if labels are inverted', () => {
    const seeds = Array.from({ length: 100 }, (_, i) => i + 1);
    const moved = seeds.filter((seed) => compareWithinStrata(world(seed), world(seed + 500, { lean: 1 })) === 'moved');
    expect(moved.length).toBeLessThanOrEqual(1);
    expect(compareWithinStrata(world(1), world(2, { isInverted: true }))).toBe('moved');
  });

  it('is undecided if the later rows lie where no earlier rows were', () => {
    const { outcomes } = world(3);
    const elsewhere = { strata: outcomes.map(() => 'new'), outcomes };
    expect(compareWithinStrata(world(1), elsewhere)).toBe('undecided');
  });
});

describe('the kind of a change', () => {
  it('virtual: the inputs move and the relation does not, whether or not the error rises with them', () => {
    const relation = compareWithinStrata(world(1), world(2, { lean: 1 }));
    expect(kindOfChange({ inputs: 'moved', labels: 'moved', error: 'moved', relation })).toBe('virtual');
    expect(kindOfChange({ inputs: 'moved', labels: 'stable', error: 'stable' })).toBe('virtual');
  });

  it('real: labels are inverted under the same inputs', () => {
    const relation = compareWithinStrata(world(1), world(2, { isInverted: true }));
    expect(kindOfChange({ inputs: 'stable', labels: 'stable', error: 'moved', relation })).toBe('real');
    expect(kindOfChange({ inputs: 'stable', labels: 'stable', error: 'moved' })).toBe('real');
    expect(kindOfChange({ inputs: 'moved', labels: 'moved', error: 'moved', relation })).toBe('real');
  });

  it('prior: labels become more frequent, each looking as it did', () => {
    const evidence = { inputs: 'moved', labels: 'moved', error: 'moved', inputsWithinLabels: 'stable' } as const;
    expect(kindOfChange(evidence)).toBe('prior');
  });

  it('unclear or none: where it cannot be decided, and where nothing moved', () => {
    expect(kindOfChange({ inputs: 'moved', labels: 'stable', error: 'moved' })).toBe('unclear');
    expect(kindOfChange({ inputs: 'undecided', labels: 'stable', error: 'moved' })).toBe('unclear');
    expect(kindOfChange({ inputs: 'stable', labels: 'undecided', error: 'stable' })).toBe('unclear');
    expect(kindOfChange({ inputs: 'stable', labels: 'stable', error: 'stable' })).toBe('none');
  });
});
