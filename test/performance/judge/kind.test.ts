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

describe('the comparison of outcomes in cells', () => {
  /** Rows of one cell, of which the first `ones` have outcome 1. */
  const cell = (stratum: string, rows: number, ones: number) => ({
    strata: new Array<string>(rows).fill(stratum),
    outcomes: Array.from({ length: rows }, (_, i) => (i < ones ? 1 : 0)),
  });
  type Cells = ReturnType<typeof cell>;
  const together = (...cells: readonly Cells[]): Cells => ({
    strata: cells.flatMap((one) => one.strata),
    outcomes: cells.flatMap((one) => one.outcomes),
  });

  it('has a limit in standard deviations', () => {
    // pooled rate 0.7: 0.4² / (0.21·(1/20 + 1/20)) = 7.619, which is 2.524 deviations with one cell
    const compared = (alphaSds: number) => compareWithinStrata(cell('a', 20, 10), cell('a', 20, 18), alphaSds);
    expect([2.52, 2.53].map(compared)).toEqual(['moved', 'stable']);
    // and 2.019 with two, of which one has equal outcomes
    const [before, after] = [cell('a', 20, 10), cell('a', 20, 18)].map((one) => together(one, cell('b', 30, 0)));
    const two = (alphaSds: number) => before && after && compareWithinStrata(before, after, alphaSds);
    expect([2.01, 2.03].map(two)).toEqual(['moved', 'stable']);
  });

  it('is one in a thousand unless said otherwise', () => {
    // z of 20 rows each, 10 against 19 and 10 against 20 ones: 2.99 and 3.53
    expect(compareWithinStrata(cell('a', 20, 10), cell('a', 20, 19))).toBe('stable');
    expect(compareWithinStrata(cell('a', 20, 10), cell('a', 20, 20))).toBe('moved');
  });

  it('leaves out cells with fewer than 20 rows on either side', () => {
    expect(compareWithinStrata(cell('a', 20, 0), cell('a', 20, 20))).toBe('moved');
    expect(compareWithinStrata(cell('a', 19, 0), cell('a', 20, 20))).toBe('undecided');
    expect(compareWithinStrata(cell('a', 20, 0), cell('a', 19, 19))).toBe('undecided');
  });

  it('needs half of the later rows, and at least one', () => {
    const before = cell('a', 20, 5);
    expect(compareWithinStrata(before, together(cell('a', 20, 5), cell('b', 20, 5)))).toBe('stable');
    expect(compareWithinStrata(before, together(cell('a', 20, 5), cell('b', 21, 5)))).toBe('undecided');
    expect(compareWithinStrata(before, cell('a', 0, 0))).toBe('undecided');
  });
});

describe('the kind of a change', () => {
  it.each([
    ['real', { inputs: 'undecided', labels: 'stable', error: 'stable', relation: 'moved' }],
    ['real', { inputs: 'stable', labels: 'moved', error: 'stable' }],
    ['real', { inputs: 'stable', labels: 'stable', error: 'moved' }],
    // the evidence contradicts itself
    ['unclear', { inputs: 'stable', labels: 'moved', error: 'stable', relation: 'stable' }],
    ['unclear', { inputs: 'stable', labels: 'stable', error: 'moved', relation: 'stable' }],
    ['none', { inputs: 'stable', labels: 'stable', error: 'stable', relation: 'stable' }],
    ['unclear', { inputs: 'stable', labels: 'stable', error: 'undecided' }],
    ['unclear', { inputs: 'undecided', labels: 'stable', error: 'stable', relation: 'stable' }],
    ['unclear', { inputs: 'undecided', labels: 'moved', error: 'moved', inputsWithinLabels: 'stable' }],
    ['prior', { inputs: 'moved', labels: 'moved', error: 'stable', inputsWithinLabels: 'stable' }],
    ['unclear', { inputs: 'moved', labels: 'stable', error: 'moved', inputsWithinLabels: 'stable' }],
    ['unclear', { inputs: 'moved', labels: 'moved', error: 'moved', inputsWithinLabels: 'moved' }],
    ['virtual', { inputs: 'moved', labels: 'moved', error: 'moved', relation: 'stable' }],
  ] as const)('%s: %j', (kind, evidence) => expect(kindOfChange(evidence)).toBe(kind));

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
