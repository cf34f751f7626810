import { describe, expect, it } from 'vitest';
import type { DriftReport, FeatureDrift } from '../../../../src/domain/data/drift.js';
import type { PerformanceReport } from '../../../../src/domain/data/performance.js';
import type { EvaluatedCondition } from '../../../../src/domain/decisions/decision.js';
import type { RunId } from '../../../../src/domain/ids.js';
import type { Condition, Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf, toIso } from '../../../../src/domain/support/time.js';
import { evaluateCondition } from '../../../../src/retrain/judge/evaluate-condition.js';
import type { Measurements, NewDataSince } from '../../../../src/retrain/judge/measurements.js';
import { performanceKey } from '../../../../src/retrain/judge/triggers/performance.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const hour = (n: number): Instant => instantOf(n * HOUR_MS);
const NOTHING: Measurements = { now: hour(1000), newData: {}, codeChanges: [], commands: {}, history: [] };

const measure = (trigger: Trigger, measured: Partial<Measurements> = {}): EvaluatedCondition =>
  evaluateCondition({ ...trigger, at } as Condition, { ...NOTHING, ...measured });
const stateOf = (...args: Parameters<typeof measure>): EvaluatedCondition['state'] => measure(...args).state;

describe('max_age', () => {
  const trigger: Trigger = { kind: 'max_age', ageMs: 7 * DAY_MS };
  const trained = (ms: number) => ({ championTrainedAt: instantOf(hour(1000) - ms) });

  it('fires at exactly the age, not a millisecond before', () => {
    expect(stateOf(trigger, trained(7 * DAY_MS))).toBe('fired');
    expect(stateOf(trigger, trained(7 * DAY_MS - 1))).toBe('not-fired');
    expect(measure(trigger, trained(8 * DAY_MS))).toMatchObject({
      measured: '8d',
      threshold: '7d',
      detail: 'the champion was trained 8d ago',
    });
  });

  it('is undecided without a champion', () => {
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'there is no champion' });
  });
});

const report = (more: Partial<DriftReport>): DriftReport => ({
  verdict: 'drift',
  features: [],
  drifted: 0,
  total: 0,
  dataBugs: [],
  segments: [],
  warnings: [],
  ...more,
});
const feature = (name: string, more: Partial<FeatureDrift> = {}): FeatureDrift => ({
  name,
  kind: 'numeric',
  role: 'feature',
  method: 'ks',
  score: 0.4,
  threshold: 0.1,
  verdict: 'drift',
  ...more,
});

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

  it('takes of several columns one that drifted, else one that is stable', () => {
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

describe('new_data', () => {
  const since = (rows: number, labels?: number): NewDataSince => ({
    training: { rows, files: 2, bytes: 30, labels, run: 'r-1' as RunId },
    champion: 'the champion has no recorded data',
  });

  it.each([
    ['rows', 100, 100],
    ['files', 2, 2],
    ['bytes', 30, 30],
  ] as const)('fires at exactly the number of %s, not below it', (unit, limit, is) => {
    const newData = { d: since(100) };
    expect(measure({ kind: 'new_data', dataset: 'd', [unit]: limit }, { newData })).toMatchObject({
      state: 'fired',
      measured: is,
      threshold: limit,
      detail: `${is} new ${unit} of d since the last training`,
    });
    expect(stateOf({ kind: 'new_data', dataset: 'd', [unit]: limit + 1 }, { newData })).toBe('not-fired');
  });

  it('fires where one of several limits is reached, and says which', () => {
    const newData = { d: since(100) };
    expect(measure({ kind: 'new_data', dataset: 'd', rows: 500, files: 2 }, { newData })).toMatchObject({
      state: 'fired',
      measured: 2,
      threshold: 2,
    });
    expect(measure({ kind: 'new_data', dataset: 'd', rows: 500, files: 9 }, { newData })).toMatchObject({
      state: 'not-fired',
      measured: 100,
      threshold: 500,
    });
  });

  it.each([
    ['nothing was measured', { kind: 'new_data', dataset: 'd', rows: 1 }, {}, 'dataset d: it was not measured'],
    ['it failed', { kind: 'new_data', dataset: 'd', rows: 1 }, { d: 'unreadable' }, 'dataset d: unreadable'],
    [
      'labels were not counted',
      { kind: 'new_data', labels: 1 },
      { '': since(1) },
      'no training has recorded how many labels there were',
    ],
  ] as const)('is undecided where %s', (_, trigger, newData, detail) => {
    expect(measure(trigger, { newData })).toMatchObject({ state: 'undecided', detail });
  });

  it('is undecided as a level where nothing is known of the champion', () => {
    const level = { kind: 'new_data', dataset: 'd', rows: 1, fires: 'level' } as const;
    expect(measure(level, { newData: { d: since(100) } })).toMatchObject({
      state: 'undecided',
      detail: 'dataset d: the champion has no recorded data',
    });
  });

  it('is the same occasion until something is trained', () => {
    const trigger: Trigger = { kind: 'new_data', dataset: 'd', rows: 1 };
    const [one, two] = [100, 200].map((rows) => measure(trigger, { newData: { d: since(rows) } }).ids);
    expect(one).toEqual([expect.stringMatching(/^new_data:[0-9a-f]{8}:r-1$/)]);
    expect(two).toEqual(one);
  });
});

describe('schedule', () => {
  const hourly: Trigger = { kind: 'schedule', cron: '0 * * * *', timezone: 'UTC' };

  it('is due at exactly its time, not a millisecond before', () => {
    expect(stateOf(hourly, { lastTrainedAt: hour(999), now: hour(1000) })).toBe('fired');
    expect(stateOf(hourly, { lastTrainedAt: hour(999), now: instantOf(hour(1000) - 1) })).toBe('not-fired');
  });

  it('is not due again at the time of the last training', () => {
    expect(stateOf(hourly, { lastTrainedAt: hour(1000), now: hour(1000) })).toBe('not-fired');
  });

  it('says the first time that was missed, and the last where there are more', () => {
    expect(measure(hourly, { lastTrainedAt: hour(999), now: hour(1000) })).toMatchObject({
      threshold: '0 * * * * UTC',
      measured: toIso(hour(1000)),
      detail: `was due ${toIso(hour(1000))}`,
      ids: [expect.stringContaining(toIso(hour(1000)))],
    });
    expect(measure(hourly, { lastTrainedAt: hour(990), now: hour(1000) })).toMatchObject({
      measured: toIso(hour(991)),
      detail: `was due ${toIso(hour(991))}, last ${toIso(hour(1000))}`,
      ids: [expect.stringContaining(toIso(hour(1000)))],
    });
    expect(measure(hourly, { lastTrainedAt: hour(1000), now: hour(1000) }).detail).toBe(`is due ${toIso(hour(1001))}`);
  });

  it('is undecided before the first training', () => {
    expect(measure(hourly)).toMatchObject({ state: 'undecided', detail: 'nothing was trained yet' });
  });

  it('never fires for a time that never comes', () => {
    const never: Trigger = { kind: 'schedule', cron: '0 0 30 2 *', timezone: 'UTC' };
    expect(measure(never, { lastTrainedAt: hour(999) })).toMatchObject({ state: 'not-fired' });
  });
});

describe('performance', () => {
  const trigger = { kind: 'performance', metric: 'auc', drop: 0.03 } as const;
  const seen = (more: Partial<PerformanceReport>) => ({
    performance: { [performanceKey({ ...trigger, at } as never)]: { detail: 'x', ...more } as PerformanceReport },
  });

  it('fires where check-performance says that the metric fell, and only then', () => {
    const fell = { verdict: 'drift', fall: 0.04321098, limit: 0.03, asOf: hour(990), change: { since: hour(900) } };
    expect(measure(trigger, seen(fell as never))).toMatchObject({
      state: 'fired',
      measured: 0.043211,
      threshold: 0.03,
      since: hour(900),
      windowEnd: hour(990),
    });
    expect(measure(trigger, seen({ ...fell, verdict: 'stable' } as never))).toMatchObject({
      state: 'not-fired',
      since: undefined,
    });
    const current = { from: hour(950) };
    expect(measure(trigger, seen({ ...fell, change: undefined, current } as never))).toMatchObject({
      since: hour(950),
    });
  });

  it.each([
    ['nothing was measured', {}, 'it was not measured'],
    ['the verdict is undecided', seen({ verdict: 'undecided', fall: 1, limit: 1 } as never), 'x'],
    ['there is no fall', seen({ verdict: 'drift', limit: 1 } as never), 'x'],
    ['there is no limit', seen({ verdict: 'drift', fall: 1 } as never), 'x'],
  ])('is undecided where %s', (_, measured, detail) => {
    expect(measure(trigger, measured)).toMatchObject({ state: 'undecided', detail });
  });

  it('finds what was measured by metric, drop and window', () => {
    const keys = [trigger, { ...trigger, drop: 0.04 }, { ...trigger, metric: 'f1' }, { ...trigger, windowMs: DAY_MS }];
    expect(new Set(keys.map((one) => performanceKey({ ...one, at } as never))).size).toBe(4);
  });

  it('is a reason for drifted inputs, in words, and by an estimated fall of exactly the drop', () => {
    const tree = {
      kind: 'any',
      of: [
        { kind: 'data_drift', share: 0.3, at },
        { ...trigger, at },
      ],
    } as Condition;
    const drift = report({ features: [feature('a'), feature('p', { role: 'prediction', verdict: 'stable' })] });
    const look = (performance: Partial<Measurements>): EvaluatedCondition | undefined =>
      evaluateCondition(tree, { ...NOTHING, drift, isWatchingPredictions: true, ...performance }).of?.[0];
    const fell = { verdict: 'drift', fall: 0.04, limit: 0.03, detail: 'auc fell by 0.04' };
    expect(look(seen(fell as never))).toMatchObject({
      state: 'fired',
      detail: '1 of 1 columns drifted: a, and auc fell by 0.04',
    });
    const estimated = (fall: number) =>
      seen({
        verdict: 'undecided',
        withoutLabels: { estimated: { metric: 'auc', value: 0.65, atGate: 0.7, fall } },
      } as never);
    expect(look(estimated(0.03))).toMatchObject({ state: 'fired' });
    expect(look(estimated(0.0299))).toMatchObject({ state: 'suggests' });
  });
});

describe('command', () => {
  const trigger: Trigger = { kind: 'command', command: { kind: 'argv', words: [] } };
  const key = JSON.stringify({ kind: 'argv', words: [] });

  it('fires with exit code 0 alone', () => {
    expect(measure(trigger, { commands: { [key]: 0 } })).toMatchObject({
      state: 'fired',
      measured: 0,
      threshold: 0,
      detail: 'it exited with 0',
    });
    expect(measure(trigger, { commands: { [key]: 1 } })).toMatchObject({ state: 'not-fired', measured: 1 });
  });

  it('is undecided where it could not be run', () => {
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'it was not run' });
    expect(measure(trigger, { commands: { [key]: 'timed out' } })).toMatchObject({
      state: 'undecided',
      detail: 'timed out',
    });
  });
});

describe('code_change, event and upstream', () => {
  it('fires for the code that changed, and names at most five files', () => {
    const codeChanges = Array.from({ length: 7 }, (_, i) => ({ what: `f${i}`, hash: String(i) }));
    const code: Trigger = { kind: 'code_change' };
    expect(measure(code, { codeChanges })).toMatchObject({
      state: 'fired',
      measured: 7,
      threshold: 1,
      detail: 'changed: f0, f1, f2, f3, f4',
    });
    expect(measure(code)).toMatchObject({ state: 'not-fired', detail: "code and commands are the champion's" });
    expect(measure(code, { codeChanges: 'no git' })).toMatchObject({ state: 'undecided', detail: 'no git' });
    const ids = [3, 4].map((championVersion) => measure(code, { codeChanges, championVersion }).ids?.[0]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('counts every pending event of its name, since the first', () => {
    const events = {
      landed: [
        { key: 'a', at: hour(1) },
        { key: 'b', at: hour(2) },
      ],
    };
    expect(measure({ kind: 'event', name: 'landed' }, { events })).toMatchObject({
      state: 'fired',
      measured: 2,
      threshold: 1,
      since: hour(1),
      detail: `landed a, b, since ${toIso(hour(1))}`,
      ids: ['event:landed:a', 'event:landed:b'],
    });
    expect(measure({ kind: 'event', name: 'other' }, { events })).toMatchObject({
      state: 'not-fired',
      measured: 0,
      since: undefined,
      detail: 'no other since the last training',
    });
  });

  it('fires for a promotion after the one that is known, not for that one', () => {
    const upstream = { base: { generation: 3, version: 7, at: hour(2), known: 2 } };
    const trigger: Trigger = { kind: 'upstream', model: 'base' };
    expect(measure(trigger, { upstream })).toMatchObject({
      state: 'fired',
      measured: 'base@7',
      since: hour(2),
      detail: `base@7 serves since ${toIso(hour(2))}`,
      ids: [expect.stringMatching(/:base:3$/)],
    });
    expect(measure(trigger, { upstream: { base: { ...upstream.base, known: 3 } } })).toMatchObject({
      state: 'not-fired',
      since: undefined,
      detail: 'base@7 served already at the last training',
    });
    expect(measure(trigger)).toMatchObject({ state: 'undecided', detail: 'it was not measured' });
    expect(measure(trigger, { upstream: { base: 'no such model' } })).toMatchObject({ detail: 'no such model' });
  });
});
