import { describe, expect, it } from 'vitest';
import type { FeatureDrift } from '../../../src/domain/data/drift.js';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { warnNewcomers } from '../../../src/drift/judge/effects/warn-newcomers.js';
import { compareTables } from '../../../src/drift/judge/judge-table.js';
import { numbers, tableOf, texts, uniforms, windowOf } from './columns.js';

const ROWS = 10_000;

function warnings(before: ColumnProfile, now: ColumnProfile, ignore: readonly string[] = []) {
  const [reference, current] = [tableOf([before]), tableOf([now])];
  const { features } = compareTables(reference, current, { ignore: [], dataBugs: [] });
  return warnNewcomers(reference, current, { ignore, dataset: 'sales', features, warned: [] });
}

const gaps = (count: number): ColumnProfile =>
  numbers(uniforms(ROWS).map((x, i) => (i % (ROWS / 100) < count / 100 ? null : x)));

describe('new gaps', () => {
  it.each([
    [0, 0, 0],
    [0, 100, 1],
    [0, 400, 1],
    [100, 200, 0],
    [100, 300, 1],
    [1000, 1300, 0],
    [400, 0, 0],
  ])('%d rows without a value, then %d: %d warnings', (before, after, count) => {
    expect(warnings(gaps(before), gaps(after))).toHaveLength(count);
  });

  it('are told with their figures and the condition of their rows', () => {
    expect(warnings(gaps(0), gaps(400))[0]).toMatchObject({
      code: 'new-gaps',
      column: 'x',
      dataset: 'sales',
      severity: 'warning',
      rows: 400,
      selects: { kind: 'missing', column: 'x' },
      detail: '4 % of the values are missing, it was 0 %',
      evidence: { before: 0, after: 0.04 },
    });
  });

  it('are a drift where they are many, which needs no warning', () => {
    expect(warnings(gaps(0), gaps(1000))).toEqual([]);
  });
});

describe('new values', () => {
  const values = (fresh: number, known = 20): ColumnProfile =>
    texts({
      ...Object.fromEntries(Array.from({ length: known }, (_, i) => [`v${i}`, (ROWS - fresh) / known])),
      ...Object.fromEntries(Array.from({ length: fresh / 20 }, (_, i) => [`new${i}`, 20])),
    });
  it.each([
    [0, 0],
    [80, 0],
    [100, 1],
    [400, 1],
    [1000, 0],
  ])('in %d rows of 10,000: %d warnings', (fresh, count) => {
    expect(warnings(values(0), values(fresh))).toHaveLength(count);
  });

  it('are told with their share', () => {
    expect(warnings(values(0), values(400))[0]).toMatchObject({
      code: 'new-values',
      rows: 400,
      detail: '4 % of the values are new; 0 % were expected to be',
      evidence: { share: 0.04, expected: 0 },
    });
  });
});

describe('beyond the range of the reference', () => {
  const above = (share: number): readonly number[] =>
    uniforms(ROWS).map((x, i) => (i % 1000 < share * 1000 ? 2 + x : x));
  const reference = numbers(uniforms(ROWS));
  it.each([
    [0, 0],
    [0.009, 0],
    [0.01, 1],
    [0.04, 1],
    [0.1, 0],
  ])('%d of the values: %d warnings', (share, count) => {
    expect(warnings(reference, windowOf(reference, above(share)))).toHaveLength(count);
  });

  it('are told with the range', () => {
    const [warning] = warnings(reference, windowOf(reference, above(0.04)));
    expect(warning).toMatchObject({
      code: 'beyond-range',
      rows: 400,
      detail: '4 % of the values lie outside 0.00005 … 0.99995, the range of the reference',
      selects: { kind: 'outside', column: 'x', lower: 0.00005, upper: 0.99995 },
    });
  });

  it('are by chance where the reference is short', () => {
    const short = numbers(uniforms(100));
    expect(warnings(short, windowOf(short, [...uniforms(98), 2, 3]))).toEqual([]);
    expect(warnings(short, windowOf(short, [...uniforms(196), 2, 3, 4, 5]))).toEqual([]);
  });
});

it('says nothing of columns that are ignored, have too few rows, or have a warning already', () => {
  expect(warnings(gaps(0), gaps(400), ['x'])).toEqual([]);
  const few = numbers([...uniforms(40), null, null]);
  expect(warnings(numbers(uniforms(42)), few)).toEqual([]);
  const [reference, current] = [tableOf([gaps(0)]), tableOf([gaps(400)])];
  const told = warnNewcomers(reference, current, { ignore: [], features: [], warned: [] });
  expect(told).toHaveLength(1);
  expect(warnNewcomers(reference, current, { ignore: [], features: [], warned: told })).toEqual([]);
  const base = { name: 'x', kind: 'numeric', role: 'feature', method: 'ks' } as const;
  const count = (verdict: FeatureDrift['verdict']) =>
    warnNewcomers(reference, current, { ignore: [], features: [{ ...base, verdict }], warned: [] }).length;
  expect((['drift', 'finding', 'unclear', 'stable', 'undecided'] as const).map(count)).toEqual([0, 0, 0, 1, 1]);
});
