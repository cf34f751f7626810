import { expect, it } from 'vitest';
import type { DriftReport, FeatureDrift } from '../../../src/domain/data/drift.js';
import type { PerformanceReport } from '../../../src/domain/data/performance.js';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { Measurements, TakenTrigger } from '../../../src/domain/decisions/measurements.js';
import { performanceKey } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId, RunId } from '../../../src/domain/ids.js';
import type { Condition } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { evaluateCondition } from '../../../src/retrain/judge/evaluate-condition.js';
import { keyOf } from '../../../src/retrain/judge/fire-once.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const hour = (n: number): Instant => instantOf(n * HOUR_MS);
const quiet: Measurements = {
  now: hour(1000),
  newData: {},
  codeChanges: [],
  commands: {},
  history: [],
  championVersion: 3,
};

const feature = (role: FeatureDrift['role'], isDrifted: boolean): FeatureDrift => ({
  name: role,
  kind: 'numeric',
  role,
  method: 'ks',
  score: isDrifted ? 0.4 : 0.01,
  threshold: 0.1,
  verdict: isDrifted ? 'drift' : 'stable',
});
const report = (features: readonly FeatureDrift[]): DriftReport => ({
  verdict: features.some((one) => one.verdict === 'drift') ? 'drift' : 'stable',
  features,
  drifted: features.filter((one) => one.verdict === 'drift').length,
  total: features.length,
  dataBugs: [],
  unclear: [],
  segments: [],
  warnings: [],
});
const inputs = (isDrifted: boolean): DriftReport => report([feature('feature', isDrifted)]);

/** A ledger in memory: looks hour by hour, and trains for what fires unless told that it fails. */
function play(condition: Condition, looks: readonly boolean[], ends: (hour: number) => 'trained' | 'failed') {
  const history: EvaluatedCondition[] = [];
  const taken: TakenTrigger[] = [];
  const trained: number[] = [];
  looks.forEach((isDrifted, n) => {
    const tree = evaluateCondition(condition, { ...quiet, now: hour(n), drift: inputs(isDrifted), history, taken });
    history.unshift(tree);
    if (tree.state !== 'fired') return;
    trained.push(n);
    if (ends(n) === 'trained')
      for (const id of tree.ids ?? []) taken.push({ id, decision: `d-${n}` as DecisionId, now: hour(n) });
  });
  return { trained, taken };
}

const drift: Condition = { kind: 'data_drift', share: 0.3, at };

it('trains once for a drift that lasts, and again when it still lasts a week later', () => {
  const { trained, taken } = play(drift, Array(24 * 16).fill(true), () => 'trained');
  expect(trained).toEqual([0, 168, 336]);
  expect(new Set(taken.map((one) => one.id)).size).toBe(3);
});

it('counts a flapping signal as one reason, and one that was gone for more than a day as another', () => {
  const flapping = Array.from({ length: 24 * 6 }, (_, n) => n % 2 === 0);
  expect(play(drift, flapping, () => 'trained').trained).toEqual([0]);
  const [long, gone] = [Array(10).fill(true), Array(30).fill(false)];
  expect(play(drift, [...long, ...gone, ...long], () => 'trained').trained).toEqual([0, 40]);
});

it('ends an episode with a break of more than a day, or than "every", and with none of exactly that', () => {
  const broken = (hours: number) => [true, ...Array(hours - 1).fill(false), true];
  expect(play(drift, broken(24), () => 'trained').trained).toEqual([0]);
  expect(play(drift, broken(25), () => 'trained').trained).toEqual([0, 25]);
  const every: Condition = { ...drift, persist: { count: 1, of: 1, everyMs: 6 * HOUR_MS } };
  expect(play(every, broken(6), () => 'trained').trained).toEqual([0]);
  expect(play(every, broken(7), () => 'trained').trained).toEqual([0, 7]);
});

it('trains again for what still holds after exactly "again", and says until when it waits', () => {
  const soon: Condition = { ...drift, againMs: 5 * HOUR_MS };
  expect(play(soon, Array(12).fill(true), () => 'trained').trained).toEqual([0, 5, 10]);
  const first = evaluateCondition(soon, { ...quiet, now: hour(0), drift: inputs(true) });
  const taken = (first.ids ?? []).map((id) => ({ id, decision: 'd-7' as DecisionId, now: hour(0) }));
  const waiting = evaluateCondition(soon, { ...quiet, now: hour(2), drift: inputs(true), history: [first], taken });
  expect(waiting).toMatchObject({
    state: 'not-fired',
    detail: '1 of 1 columns drifted: feature; d-7 has trained for it 2h ago, again after 5h',
  });
});

it('is one reason for rare or late ticks as long as each finds that it holds', () => {
  for (const ms of [DAY_MS - 30, DAY_MS + 30, 2 * DAY_MS, 6 * DAY_MS]) {
    const history: EvaluatedCondition[] = [];
    const periods = [0, 1, 2, 3].map((n) => {
      const tree = evaluateCondition(drift, { ...quiet, now: instantOf(n * ms), drift: inputs(true), history });
      history.unshift(tree);
      return tree.heldPeriod;
    });
    expect(periods).toEqual([0, 1, 2, 3].map((n) => ({ from: instantOf(0), heldAt: instantOf(n * ms) })));
  }
});

it.each([
  ['a second early', -1000, true],
  ['ten minutes early', -HOUR_MS / 6, true],
  ['eleven minutes early', (-11 * HOUR_MS) / 60, false],
])('trains again for what holds after "again", also %s', (_, off, isAgain) => {
  const first = evaluateCondition(drift, { ...quiet, now: hour(0), drift: inputs(true) });
  const taken = (first.ids ?? []).map((id) => ({ id, decision: 'd-1' as DecisionId, now: hour(0) }));
  const now = instantOf(7 * DAY_MS + off);
  const next = evaluateCondition(drift, { ...quiet, now, drift: inputs(true), history: [first], taken });
  expect(next.state).toBe(isAgain ? 'fired' : 'not-fired');
});

it('keeps an episode through ticks that could not be measured', () => {
  const history: EvaluatedCondition[] = [];
  const episodes = [inputs(true), 'no data', 'no data', inputs(true)].map((one, n) => {
    const tree = evaluateCondition(drift, { ...quiet, now: hour(20 * n), drift: one, history });
    history.unshift(tree);
    return tree.heldPeriod;
  });
  // held at 0, unknown at 20 and 40: nobody knows that it had ended, but 60 hours without a sign are too long
  const first = { from: hour(0), heldAt: hour(0) };
  expect(episodes.slice(0, 3)).toEqual([first, ...Array(2).fill({ ...first, isInterrupted: true })]);
  expect(episodes[3]).toEqual({ from: hour(60), heldAt: hour(60) });
});

it('finds its episode at any depth of the earlier tree, only by its own key', () => {
  const code: Condition = { kind: 'code_change', at };
  const tree: Condition = {
    kind: 'all',
    of: [
      { ...drift, share: 0.9 },
      { kind: 'any', of: [code, drift] },
    ],
  };
  const before = evaluateCondition(tree, { ...quiet, now: hour(0), drift: inputs(true) });
  const now = evaluateCondition(tree, { ...quiet, now: hour(3), drift: inputs(true), history: [before] });
  expect(now.of?.[1]?.of?.[1]?.heldPeriod).toEqual({ from: hour(0), heldAt: hour(3) });
  const changed: Condition = { ...drift, share: 0.4 };
  const other = evaluateCondition(changed, { ...quiet, now: hour(3), drift: inputs(true), history: [before] });
  expect(other.heldPeriod?.from).toBe(hour(3));
});

it('remembers what earlier champions were trained for if it concerns the world, not the inputs', () => {
  const script = { kind: 'shell' as const, script: [{ kind: 'text' as const, text: 'a' }] };
  const command: Condition = { kind: 'command', command: script, at };
  const commands = { [JSON.stringify(script)]: 0 };
  const first = evaluateCondition(command, { ...quiet, now: hour(0), commands, championVersion: 3 });
  const latest = { latest: [first], history: [], championVersion: 4 };
  const next = evaluateCondition(command, { ...quiet, now: hour(1), commands, ...latest });
  expect(next.ids).toEqual(first.ids);
  const moved = evaluateCondition(drift, { ...quiet, now: hour(0), drift: inputs(true) });
  const again = evaluateCondition(drift, { ...quiet, now: hour(1), drift: inputs(true), ...latest, latest: [moved] });
  expect(again.heldPeriod?.from).toBe(hour(1));
});

it('keeps the occasions that were not trained for yet', () => {
  const event: Condition = { kind: 'event', name: 'landed', at };
  const events = { landed: ['a', 'b'].map((key) => ({ key, at: hour(1) })) };
  const taken = [
    { id: 'event:landed:a', decision: 'd-1' as DecisionId, now: hour(1) },
    { id: 'event:landed:b', decision: 'd-2' as DecisionId, now: hour(3) },
    { id: 'event:landed:c', decision: 'd-3' as DecisionId, now: hour(9) },
  ];
  expect(evaluateCondition(event, { ...quiet, events, taken: taken.slice(0, 1) })).toMatchObject({
    state: 'fired',
    ids: ['event:landed:b'],
  });
  const all = evaluateCondition(event, { ...quiet, events, taken: [...taken].reverse() });
  expect(all).toMatchObject({ state: 'not-fired', detail: expect.stringMatching(/; d-2 has trained for it$/) });
});

it('is an undecided tree if no leaf is decided', () => {
  const unknown: Condition = { kind: 'target_drift', at };
  const code: Condition = { kind: 'code_change', at };
  const stateOf = (condition: Condition) => evaluateCondition(condition, quiet).state;
  expect(stateOf({ kind: 'any', of: [unknown, unknown] })).toBe('undecided');
  expect(stateOf({ kind: 'all', of: [unknown, unknown] })).toBe('undecided');
  expect(stateOf({ kind: 'any', of: [unknown, code] })).toBe('not-fired');
  expect(stateOf({ kind: 'any', of: [] })).toBe('not-fired');
});

it('keeps an edge whose training failed until a training for it succeeds', () => {
  const { trained, taken } = play(drift, Array(10).fill(true), (n) => (n < 3 ? 'failed' : 'trained'));
  expect(trained).toEqual([0, 1, 2, 3]);
  expect(taken).toHaveLength(1);
});

it('fires as long as it holds as a level, and uses whether it holds below "not"', () => {
  expect(play({ ...drift, fires: 'level' }, [true, true, false, true], () => 'trained').trained).toEqual([0, 1, 3]);
  expect(play({ kind: 'not', of: drift }, [true, true, false], () => 'trained').trained).toEqual([2]);
});

it('gives the same id to the same occasion in every evaluation, and different ids to different ones', () => {
  const once = evaluateCondition(drift, { ...quiet, drift: inputs(true) });
  const twice = evaluateCondition({ ...drift, at: { ...at, line: 9 } }, { ...quiet, drift: inputs(true) });
  expect(once.ids).toHaveLength(1);
  expect(twice.ids).toEqual(once.ids);
  expect(evaluateCondition(drift, { ...quiet, drift: inputs(true), championVersion: 4 }).ids).not.toEqual(once.ids);
  expect(evaluateCondition({ ...drift, share: 0.4 }, { ...quiet, drift: inputs(true) }).ids).not.toEqual(once.ids);
});

it('only suggests when monitored predictions have not drifted, unless "on: any"', () => {
  const watched = { ...quiet, isWatchingPredictions: true };
  const alone = report([feature('feature', true), feature('prediction', false)]);
  const both = report([feature('feature', true), feature('prediction', true)]);
  expect(evaluateCondition(drift, { ...watched, drift: alone }).state).toBe('suggests');
  expect(evaluateCondition({ ...drift, on: 'any' }, { ...watched, drift: alone }).state).toBe('fired');
  expect(evaluateCondition(drift, { ...watched, drift: both }).state).toBe('fired');
  expect(evaluateCondition(drift, { ...quiet, drift: alone }).state).toBe('fired');
  const code: Condition = { kind: 'code_change', at };
  const changed = { ...watched, drift: alone, codeChanges: [{ what: 'train.py', hash: 'a' }] };
  expect(evaluateCondition({ kind: 'any', of: [drift, code] }, changed).state).toBe('fired');
  expect(evaluateCondition({ kind: 'all', of: [drift, code] }, changed).state).toBe('suggests');
  expect(evaluateCondition({ kind: 'not', of: drift }, { ...watched, drift: alone }).state).toBe('not-fired');
});

it('trains for drifted inputs when the estimated loss has grown and there are no labels', () => {
  const performance: Extract<Condition, { kind: 'performance' }> = {
    kind: 'performance',
    metric: 'auc',
    drop: 0.03,
    at,
  };
  const estimating = (fall: number): Measurements => ({
    ...quiet,
    isWatchingPredictions: true,
    drift: report([feature('feature', true), feature('prediction', false)]),
    performance: {
      [performanceKey(performance)]: {
        verdict: 'undecided',
        detail: 'no label has arrived yet',
        withoutLabels: { estimated: { metric: 'auc', value: 0.7 - fall, atGate: 0.7, fall } },
      } as unknown as PerformanceReport,
    },
  });
  const either: Condition = { kind: 'any', of: [drift, performance] };
  expect(evaluateCondition(either, estimating(0.01)).state).toBe('suggests');
  expect(evaluateCondition(either, estimating(0.05))).toMatchObject({
    state: 'fired',
    of: [
      { detail: expect.stringContaining('auc is estimated at 0.650, from 0.700 at the gate') },
      { state: 'undecided' },
    ],
  });
});

it('measures the label and the predictions separately from the inputs', () => {
  const seen = { ...quiet, drift: report([feature('feature', false), feature('label', true)]) };
  expect(evaluateCondition({ kind: 'target_drift', at }, seen)).toMatchObject({ state: 'fired', measured: 0.4 });
  expect(evaluateCondition({ kind: 'target_drift', score: 0.5, at }, seen).state).toBe('not-fired');
  expect(evaluateCondition({ kind: 'prediction_drift', at }, seen).state).toBe('undecided');
  expect(evaluateCondition(drift, seen)).toMatchObject({ state: 'not-fired', measured: 0 });
});

it('fires for each event once, for a promotion once, and for code once until it changes again', () => {
  const event: Condition = { kind: 'event', name: 'landed', at };
  const told = { ...quiet, events: { landed: [{ key: 'a', at: hour(1) }] } };
  expect(evaluateCondition(event, told)).toMatchObject({ state: 'fired', ids: ['event:landed:a'] });
  expect(evaluateCondition(event, quiet).state).toBe('not-fired');
  const taken = (tree: EvaluatedCondition): readonly TakenTrigger[] =>
    (tree.ids ?? []).map((id) => ({ id, decision: 'd-1' as DecisionId, now: hour(1) }));
  const code: Condition = { kind: 'code_change', at };
  const changed = { ...quiet, codeChanges: [{ what: 'train.py', hash: 'a' }] };
  const refused = { ...changed, taken: taken(evaluateCondition(code, changed)) };
  expect(evaluateCondition(code, refused)).toMatchObject({
    state: 'not-fired',
    detail: expect.stringContaining('d-1'),
  });
  expect(evaluateCondition(code, { ...refused, codeChanges: [{ what: 'train.py', hash: 'b' }] }).state).toBe('fired');
  const upstream: Condition = { kind: 'upstream', model: 'base', at };
  const move = (known: number): Measurements => ({
    ...quiet,
    upstream: { base: { generation: 2, version: 7, at: hour(2), known } },
  });
  expect(evaluateCondition(upstream, move(1))).toMatchObject({ state: 'fired', measured: 'base@7' });
  expect(evaluateCondition(upstream, move(2)).state).toBe('not-fired');
});

it('counts new data from the last training as an edge, and from the champion as a level', () => {
  const seen = {
    training: { rows: 50, files: 1, bytes: 10, labels: 5, run: 'r' as RunId },
    champion: { rows: 500, files: 9, bytes: 100, labels: 60 },
  };
  const measured = { ...quiet, newData: { rows: seen, '': seen } };
  const rows: Condition = { kind: 'new_data', dataset: 'rows', rows: 100, at };
  expect(evaluateCondition(rows, measured)).toMatchObject({ state: 'not-fired', measured: 50 });
  expect(evaluateCondition({ ...rows, fires: 'level' }, measured)).toMatchObject({ state: 'fired', measured: 500 });
  const labels: Condition = { kind: 'new_data', labels: 5, at };
  expect(evaluateCondition(labels, measured)).toMatchObject({ state: 'fired', measured: 5, threshold: 5 });
});

it('catches up on a schedule once, in its own time zone, across a change to summer time', () => {
  const daily: Condition = { kind: 'schedule', cron: '30 2 * * *', timezone: 'Europe/Berlin', at };
  const look = (now: string, lastTrained: string): EvaluatedCondition =>
    evaluateCondition(daily, {
      ...quiet,
      now: instantOf(Date.parse(now)),
      lastTrainedAt: instantOf(Date.parse(lastTrained)),
    });
  expect(look('2026-01-10T01:00:00Z', '2026-01-09T02:00:00Z').state).toBe('not-fired');
  expect(look('2026-01-10T01:30:00Z', '2026-01-09T02:00:00Z')).toMatchObject({
    state: 'fired',
    ids: [expect.stringContaining('2026-01-10T01:30')],
  });
  const late = look('2026-01-20T12:00:00Z', '2026-01-09T02:00:00Z');
  expect(late).toMatchObject({ state: 'fired', ids: [expect.stringContaining('2026-01-20T01:30')] });
  expect(look('2026-07-10T00:30:00Z', '2026-07-09T12:00:00Z').state).toBe('fired');
  expect(look('2026-03-29T23:00:00Z', '2026-03-29T00:00:00Z').state).toBe('fired');
});

it('remembers two commands separately', () => {
  const command = (script: string): Condition => ({
    kind: 'command',
    command: { kind: 'shell', script: [{ kind: 'text', text: script }] },
    persist: { count: 2, of: 2, everyMs: DAY_MS },
    at,
  });
  const tree: Condition = { kind: 'any', of: [command('a'), command('b')] };
  const codes = (a: number, b: number) =>
    Object.fromEntries(
      [command('a'), command('b')].map((one, i) => [
        JSON.stringify('command' in one ? one.command : ''),
        [a, b][i] ?? 1,
      ]),
    );
  const first = evaluateCondition(tree, { ...quiet, now: hour(0), commands: codes(0, 1) });
  const second = evaluateCondition(tree, { ...quiet, now: hour(24), commands: codes(1, 0), history: [first] });
  expect(second.state).toBe('not-fired');
  const third = evaluateCondition(tree, { ...quiet, now: hour(48), commands: codes(1, 0), history: [second, first] });
  expect(third.of?.map((one) => one.state)).toEqual(['not-fired', 'fired']);
});

it('gives a trigger the same identity whether its pipeline was just parsed or comes from the cache', () => {
  const parsed = { kind: 'max_age', ageMs: 5, at, persist: undefined, fires: undefined, againMs: undefined } as const;
  const { persist: _persist, fires: _fires, againMs: _againMs, ...cached } = parsed;
  expect(keyOf(parsed)).toBe(keyOf(cached));
  expect(keyOf({ ...cached, ageMs: 6 })).not.toBe(keyOf(cached));
});
