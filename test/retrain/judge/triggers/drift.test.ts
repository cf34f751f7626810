import { describe, expect, it } from 'vitest';
import type { DriftReport, FeatureDrift } from '../../../../src/domain/data/drift.js';
import type { Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { feature, hour, measure, report, stateOf } from './measure.js';

describe('data_drift', () => {
  const trigger: Trigger = { kind: 'data_drift', share: 0.3 };
  const of = (drifted: number, total: number) => ({ drift: report({ drifted, total }) });

  it('fires at exactly the share, not below it', () => {
    expect(stateOf(trigger, of(3, 10))).toBe('fired');
    expect(stateOf(trigger, of(29, 100))).toBe('not-fired');
    expect(measure(trigger, of(1, 3))).toMatchObject({ measured: 0.3333, threshold: 0.3 });
  });

  it('does not fire where no column drifted, whatever the share', () => {
    const none: Trigger = { kind: 'data_drift', share: 0 };
    expect(stateOf(none, of(0, 10))).toBe('not-fired');
    expect(stateOf(none, of(1, 10))).toBe('fired');
  });

  it('counts input columns alone where roles are known, undecided ones not at all', () => {
    const features = [
      feature('a'),
      feature('b', { verdict: 'stable' }),
      feature('c', { verdict: 'undecided' }),
      feature('y', { role: 'label' }),
      feature('p', { role: 'prediction' }),
    ];
    expect(measure(trigger, { drift: report({ features, drifted: 3, total: 4 }) })).toMatchObject({
      measured: 0.5,
      detail: '1 of 2 columns drifted: a',
      windowEnd: hour(1000),
    });
  });

  it('has the same share where another column is broken, and none where all are', () => {
    const columns = [feature('a'), feature('b', { verdict: 'stable' }), feature('c', { verdict: 'stable' })];
    const sound = { drift: report({ features: [...columns, feature('d', { verdict: 'stable' })] }) };
    const broken = { drift: report({ features: [...columns, feature('d', { verdict: 'finding' })] }) };
    expect(measure(trigger, sound)).toMatchObject({ state: 'not-fired', measured: 0.25 });
    expect(measure(trigger, broken)).toMatchObject({
      state: 'not-fired',
      measured: 0.25,
      detail: '1 of 4 columns drifted: a, d not judged: broken data',
    });
    expect(stateOf(trigger, { drift: report({ features: [feature('d', { verdict: 'finding' })] }) })).toBe('undecided');
  });

  it('names the event that expects a drift', () => {
    const features = [feature('a', { verdict: 'stable', isExpected: true }), feature('b', { verdict: 'stable' })];
    const events = [{ name: 'storm', effect: 'suppress' }] as unknown as NonNullable<DriftReport['events']>;
    expect(measure(trigger, { drift: report({ features, events }) })).toMatchObject({
      state: 'not-fired',
      detail: '0 of 2 columns drifted, a expected during "storm"',
    });
  });

  it('is undecided where nothing was measured or no column could be judged, and says why', () => {
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'it was not measured', threshold: 0.3 });
    expect(measure(trigger, { drift: 'no data' })).toMatchObject({ state: 'undecided', detail: 'no data' });
    expect(measure(trigger, of(0, 0))).toMatchObject({ state: 'undecided', detail: 'no column could be judged' });
    expect(measure(trigger, { drift: report({ undecidedBecause: '12 rows' }) })).toMatchObject({ detail: '12 rows' });
  });

  it('says since when, by the window that was compared', () => {
    const current = { from: hour(900), to: hour(1000), rows: 9 } as unknown as DriftReport['current'];
    expect(measure(trigger, { drift: report({ drifted: 1, total: 1, current }) })).toMatchObject({ since: hour(900) });
  });

  it('says why it only suggests, and why it does not', () => {
    const drift = report({ features: [feature('a'), feature('p', { role: 'prediction', verdict: 'stable' })] });
    const watched = { drift, isWatchingPredictions: true };
    expect(measure(trigger, watched)).toMatchObject({
      state: 'suggests',
      detail:
        '1 of 1 columns drifted: a, but neither predictions nor loss have moved: "on: any" would train all the same',
    });
    expect(measure({ ...trigger, on: 'any' }, watched)).toMatchObject({
      state: 'fired',
      detail: '1 of 1 columns drifted: a',
    });
    const moved = report({ features: [feature('a'), feature('p', { role: 'prediction' })] });
    expect(measure(trigger, { ...watched, drift: moved })).toMatchObject({
      state: 'fired',
      detail: '1 of 1 columns drifted: a, and the predictions moved (p)',
    });
    expect(measure(trigger, { drift: moved }).detail).toBe('1 of 1 columns drifted: a');
    const still = report({ features: [feature('a', { verdict: 'stable' }), feature('p', { role: 'prediction' })] });
    expect(measure(trigger, { ...watched, drift: still })).toMatchObject({
      state: 'not-fired',
      detail: '0 of 1 columns drifted',
    });
  });
});

describe('target_drift and prediction_drift', () => {
  const target: Trigger = { kind: 'target_drift' };
  const drift = (...features: readonly FeatureDrift[]) => ({ drift: report({ features }) });
  const label = (more: Partial<FeatureDrift>) => feature('y', { role: 'label', ...more });

  it('fires where the column drifted by at least the declared score', () => {
    const scored: Trigger = { kind: 'target_drift', score: 0.4 };
    expect(stateOf(scored, drift(label({ score: 0.4 })))).toBe('fired');
    expect(stateOf(scored, drift(label({ score: 0.39 })))).toBe('not-fired');
    expect(stateOf(scored, drift(label({ score: 0.5, verdict: 'stable' })))).toBe('not-fired');
    expect(measure(scored, drift(label({ score: 0.41236 })))).toMatchObject({
      measured: 0.4124,
      threshold: 0.4,
      detail: 'y drifted (ks)',
      windowEnd: hour(1000),
    });
  });

  it('takes the threshold of the comparison where none is declared', () => {
    expect(measure(target, drift(label({ threshold: 0.12345 })))).toMatchObject({ threshold: 0.1235 });
    expect(measure(target, drift(label({ verdict: 'stable', threshold: undefined })))).toMatchObject({
      state: 'not-fired',
      threshold: undefined,
      detail: 'y is stable (ks)',
    });
  });

  it('uses a drifted one of several columns, else a stable one', () => {
    const [moved, still, unknown] = [
      feature('p1', { role: 'prediction' }),
      feature('p2', { role: 'prediction', verdict: 'stable' }),
      feature('p3', { role: 'prediction', verdict: 'undecided', detail: 'too few rows' }),
    ];
    const prediction: Trigger = { kind: 'prediction_drift' };
    expect(measure(prediction, drift(unknown, still, moved))).toMatchObject({
      state: 'fired',
      detail: 'p1 drifted (ks)',
    });
    expect(measure(prediction, drift(unknown, still))).toMatchObject({ state: 'not-fired' });
    expect(measure(prediction, drift(unknown))).toMatchObject({ state: 'undecided', detail: 'p3: too few rows' });
  });

  it.each([
    ['nothing was measured', {}, 'it was not measured'],
    ['the measurement failed', { drift: 'no data' }, 'no data'],
    ['no label was compared', drift(feature('a')), 'no label was compared by check-drift'],
    ['it has no score', drift(label({ score: undefined })), 'y: drift'],
    ['it is a finding', drift(label({ verdict: 'finding' })), 'y: finding'],
  ])('is undecided where %s', (_, measured, detail) => {
    expect(measure(target, measured)).toMatchObject({ state: 'undecided', detail });
  });

  it('names the predictions where none were compared', () => {
    expect(measure({ kind: 'prediction_drift' }, drift(feature('a'))).detail).toBe(
      'no prediction was compared by check-drift',
    );
  });
});
