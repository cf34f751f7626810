import { describe, expect, it } from 'vitest';
import type { FeatureDrift } from '../../../src/domain/data/drift.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { asReference, judgeInSeason, seasonOf } from '../../../src/drift/judge/season.js';
import { numbers, tableOf, texts, uniforms, windowOf } from './columns.js';

const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const between = (from: string, to: string, column = 'at'): TableProfile =>
  tableOf([], { column, from: instantOf(at(from)), to: instantOf(at(to)) });
const day = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 10);

describe('the same weeks of an earlier year', () => {
  const find = (reference: TableProfile, current: TableProfile) => {
    const season = seasonOf(reference.time, current.time);
    return season === undefined ? undefined : [day(season.since), day(season.until), season.years];
  };
  const window = between('2026-03-02', '2026-03-15');

  it('are 52 whole weeks back, so that a Monday stays a Monday', () => {
    expect(find(between('2025-01-01', '2026-01-01'), window)).toEqual(['2025-03-03', '2025-03-16', 1]);
    const season = seasonOf(between('2025-01-01', '2026-01-01').time, window.time);
    expect((season?.until ?? 0) - at('2025-03-16')).toBe(1);
  });

  it('are the latest that lie wholly in the reference', () => {
    expect(find(between('2024-01-01', '2025-01-01'), window)).toEqual(['2024-03-04', '2024-03-17', 2]);
    expect(find(between('2025-03-03', '2025-03-16'), window)).toEqual(['2025-03-03', '2025-03-16', 1]);
    expect(find(between('2025-03-04', '2025-03-16'), window)).toBeUndefined();
    expect(find(between('2025-03-03', '2025-03-15'), window)).toBeUndefined();
    expect(find(between('2021-01-01', '2021-12-31'), window)?.[2]).toBe(5);
    expect(find(between('2020-01-01', '2020-12-31'), window)).toBeUndefined();
  });

  it('are not known without time on both sides', () => {
    expect(find(tableOf([]), window)).toBeUndefined();
    expect(find(between('2025-01-01', '2026-01-01'), tableOf([]))).toBeUndefined();
  });
});

describe('their rows as a reference', () => {
  const reference = tableOf([numbers(uniforms(100)), texts({ a: 60, b: 40 }, 0, 'c')]);
  const season = tableOf([
    windowOf(numbers(uniforms(100)), uniforms(50, 0.1)),
    texts({ a: 20, b: 30 }, 0, 'c'),
    numbers(uniforms(50), 'new'),
  ]);

  it('are counted in the cells of the whole reference', () => {
    const [x, c, fresh] = asReference(reference, season).columns;
    expect(x?.numeric?.quantiles).toEqual(reference.columns[0]?.numeric?.quantiles);
    expect(x?.numeric?.counts).toEqual(season.columns[0]?.counted);
    expect(x?.numeric?.max).toBe(season.columns[0]?.numeric?.max);
    expect(x).not.toHaveProperty('counted');
    expect(c).toEqual(season.columns[1]);
    expect(fresh).toEqual(season.columns[2]);
  });

  it('keep their own cells where they were not counted in others', () => {
    const bare = tableOf([numbers(uniforms(50, 0.1))]);
    expect(asReference(reference, bare).columns).toEqual(bare.columns);
    const other = tableOf([windowOf(numbers(uniforms(100), 'z'), uniforms(50))]);
    expect(asReference(reference, other).columns[0]?.numeric).toEqual(other.columns[0]?.numeric);
    const typed = tableOf([texts({ a: 100 })]);
    expect(asReference(typed, season).columns[0]?.numeric).toEqual(season.columns[0]?.numeric);
  });
});

describe('a column that drifts from the whole reference', () => {
  const base = { name: 'x', kind: 'numeric', role: 'label', method: 'ks' } as const;
  const now: FeatureDrift = { ...base, verdict: 'drift', score: 0.45678, threshold: 0.1 };
  const then: FeatureDrift = { ...base, role: 'feature', verdict: 'stable', score: 0.05, threshold: 0.2 };
  const season = {
    since: instantOf(at('2025-03-03')),
    until: instantOf(at('2025-03-16') + 1),
    years: 1,
    isOfReference: true,
  };

  it('is a season where it is stable against those weeks', () => {
    expect(judgeInSeason(now, then, season)).toEqual({
      ...then,
      role: 'label',
      season: { since: season.since, until: season.until },
      detail:
        'it is 0.457 from the whole reference (ks), and as in the same weeks a year before, 2025-03-03 to 2025-03-16',
    });
    expect(judgeInSeason({ ...now, verdict: 'unclear' }, then, { ...season, years: 2 }).detail).toContain(
      'as in the same weeks 2 years before',
    );
    const midnight = { ...season, until: instantOf(at('2025-03-16') + DAY_MS) };
    expect(judgeInSeason(now, then, midnight).detail).toMatch(/2025-03-16$/);
  });

  it.each<[string, FeatureDrift, FeatureDrift | undefined]>([
    ['it drifts from them too', now, { ...then, verdict: 'drift' }],
    ['they could not be judged', now, { ...then, verdict: 'undecided' }],
    ['they do not have it', now, undefined],
    ['they are too few rows to have shown it', now, { ...then, threshold: 0.45678 }],
    ['they have no limit', now, { ...then, threshold: undefined }],
    ['it did not drift', { ...now, verdict: 'stable' }, then],
    ['it has no distance', { ...now, score: undefined }, then],
  ])('stays as it was where %s', (_, feature, other) => {
    expect(judgeInSeason(feature, other, season)).toBe(feature);
  });
});
