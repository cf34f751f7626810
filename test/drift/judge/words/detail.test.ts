import { describe, expect, it } from 'vitest';
import type { DriftReport, FeatureDrift, SegmentDrift } from '../../../../src/domain/data/drift.js';
import { withDetail } from '../../../../src/drift/judge/detail.js';

const feature = (
  name: string,
  verdict: FeatureDrift['verdict'],
  role: FeatureDrift['role'] = 'feature',
  score: number | null = 0.5,
): FeatureDrift => ({
  ...{ name, kind: 'numeric', role, method: 'ks', verdict },
  score: score ?? undefined,
});
const segment = (
  value: string,
  verdict: SegmentDrift['verdict'],
  drifted: readonly string[] = ['x'],
): SegmentDrift => ({
  ...{ name: 'region', value, verdict, rows: 100, drifted },
});

function detailOf(report: Partial<DriftReport>): string | undefined {
  const bare: DriftReport = {
    ...{ verdict: 'drift', features: [], drifted: 0, total: 0, dataBugs: [], unclear: [], warnings: [], segments: [] },
    ...report,
  };
  return withDetail(bare).detail;
}

describe('predictions beside inputs', () => {
  const moved = feature('x', 'drift');
  const still = feature('x', 'stable');
  const score = (verdict: FeatureDrift['verdict'], value: number | null = 0.5) =>
    feature('score', verdict, 'prediction', value);
  it.each<[string, readonly FeatureDrift[], string | undefined]>([
    ['both move', [moved, score('drift')], 'the predictions (score) move with the inputs'],
    ['both move, unclear', [feature('x', 'unclear'), score('unclear')], 'the predictions (score) move with the inputs'],
    [
      'they move alone',
      [still, score('drift')],
      'the predictions (score) move though no input does: look at what serves them',
    ],
    [
      'a label is no input',
      [feature('y', 'drift', 'label'), score('drift')],
      'the predictions (score) move though no input does: look at what serves them',
    ],
    ['inputs move alone', [moved, score('stable')], 'the predictions (score) have not moved'],
    ['they could not be judged', [moved, score('undecided')], undefined],
    ['they were not compared', [moved, score('drift', null)], undefined],
    ['they are broken', [moved, score('finding')], undefined],
    ['there are none', [moved], undefined],
  ])('%s', (_, features, sentence) => {
    expect(detailOf({ features })).toBe(sentence);
  });

  it('are not mentioned where the table does not drift', () => {
    expect(detailOf({ verdict: 'stable', features: [moved, score('stable')] })).toBeUndefined();
    expect(withDetail({ ...baseReport(), detail: 'old' })).not.toHaveProperty('detail');
  });
});

const baseReport = (): DriftReport => ({
  ...{ verdict: 'stable', features: [], drifted: 0, total: 0, dataBugs: [], unclear: [], warnings: [], segments: [] },
});

describe('segments', () => {
  const segments = [segment('a', 'drift', ['x', 'y']), segment('b', 'stable'), segment('c', 'drift')];
  it('that drift are named with their columns, and whether the table drifts', () => {
    expect(detailOf({ segments })).toBe('2 of 3 segments drift: region=a (x, y), region=c (x)');
    expect(detailOf({ verdict: 'stable', segments })).toBe(
      '2 of 3 segments drift, the table as a whole does not: region=a (x, y), region=c (x)',
    );
  });

  it('are named up to three', () => {
    const drifting = (count: number) => Array.from({ length: count }, (_, i) => segment(`s${i}`, 'drift'));
    expect(detailOf({ segments: drifting(3) })).toBe(
      '3 of 3 segments drift: region=s0 (x), region=s1 (x), region=s2 (x)',
    );
    expect(detailOf({ segments: drifting(5) })).toBe(
      '5 of 5 segments drift: region=s0 (x), region=s1 (x), region=s2 (x) and 2 more',
    );
    expect(detailOf({ segments: [segment('a', 'stable'), segment('b', 'undecided')] })).toBeUndefined();
  });
});

describe('an earlier version', () => {
  const nearestVersion = {
    model: 'trips',
    version: 3,
    distance: 0.01234,
    championDistance: 0.26,
    isClearlyCloser: true,
  } as unknown as NonNullable<DriftReport['nearestVersion']>;
  const sentence =
    "the data of trips@3 is closer to now (0.012) than the champion's (0.26): rolling back may beat retraining";
  it('is named where it is clearly closer and the table drifts', () => {
    expect(detailOf({ nearestVersion })).toBe(sentence);
    expect(detailOf({ nearestVersion: { ...nearestVersion, isClearlyCloser: false } })).toBeUndefined();
    expect(detailOf({ verdict: 'stable', nearestVersion })).toBeUndefined();
  });

  it('comes after the segments', () => {
    expect(detailOf({ nearestVersion, segments: [segment('a', 'drift')] })).toBe(
      `1 of 1 segments drift: region=a (x); ${sentence}`,
    );
  });
});
