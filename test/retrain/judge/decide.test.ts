import { expect, it } from 'vitest';
import type { DriftReport } from '../../../src/domain/data/drift.js';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { Measurements } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import type { Condition, RetrainSpec } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { decide, type Situation } from '../../../src/retrain/judge/decide.js';
import { evaluateCondition } from '../../../src/retrain/judge/evaluate-condition.js';
import { keyOf } from '../../../src/retrain/judge/fire-once.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const day = (n: number): Instant => instantOf(n * DAY_MS);
const fired: EvaluatedCondition = { condition: 'code_change', state: 'fired', measured: 1, threshold: 1 };
const spec: RetrainSpec = {
  when: { kind: 'code_change', at },
  onDataBug: 'hold',
  mode: 'automatic',
  cooldownMs: 12 * HOUR_MS,
  limit: { runs: 2, perMs: 7 * DAY_MS },
  pauseAfterFailures: 2,
  at,
};
const base: Situation = {
  now: day(100),
  spec,
  hasChampion: true,
  isForced: false,
  conditions: fired,
  dataBugs: [],
  unclear: [],
  retrainedAt: [],
  failuresInARow: 0,
};
const bug = {
  id: 'f-00000001',
  code: 'scaled',
  severity: 'error',
  detail: 'x',
  evidence: {},
} as unknown as Situation['dataBugs'][number];

it('waits when nothing fired, retrains when something did, and only suggests in mode suggest', () => {
  expect(decide({ ...base, conditions: { ...fired, state: 'not-fired' } }).decision).toBe('wait');
  expect(decide(base)).toMatchObject({ decision: 'retrain', because: { measured: 1 } });
  expect(decide({ ...base, spec: { ...spec, mode: 'suggest' } }).decision).toBe('suggest');
});

it('suggests the same thing once, again if it still holds after "again", and trains for it in mode automatic', () => {
  const suggests: EvaluatedCondition = { condition: 'data_drift', state: 'suggests', ids: ['data_drift:k:v1:x#1'] };
  const suggested = [{ id: 'd-1' as DecisionId, now: day(98), ids: suggests.ids ?? [] }];
  const said = decide({ ...base, conditions: suggests, suggested });
  expect(said).toMatchObject({ decision: 'wait', summary: 'data_drift; d-1 suggested it 2d ago' });
  expect(decide({ ...base, conditions: suggests }).decision).toBe('suggest');
  expect(decide({ ...base, now: day(105), conditions: suggests, suggested }).decision).toBe('suggest');
  const another = { ...suggests, ids: ['data_drift:k:v1:y#1'] };
  expect(decide({ ...base, conditions: another, suggested }).decision).toBe('suggest');
  expect(decide({ ...base, conditions: { ...suggests, state: 'fired' }, suggested }).decision).toBe('retrain');
  expect(
    decide({
      ...base,
      conditions: { condition: 'not', state: 'fired', of: [] },
      spec: { ...spec, mode: 'suggest' },
      suggested,
    }).decision,
  ).toBe('suggest');
});

it('lets a data bug block everything, including force and a missing champion', () => {
  for (const more of [{}, { isForced: true }, { hasChampion: false }])
    expect(decide({ ...base, ...more, dataBugs: [bug] }).decision).toBe('hold');
  expect(decide({ ...base, spec: { ...spec, onDataBug: 'ignore' }, dataBugs: [bug] }).decision).toBe('retrain');
});

it('keeps and reports the cooldown and the limit; force ignores them and the pause', () => {
  const cooling = decide({ ...base, retrainedAt: [instantOf(day(100) - HOUR_MS)] });
  expect(cooling).toMatchObject({ decision: 'wait', summary: expect.stringContaining('cooldown') });
  expect(decide({ ...base, retrainedAt: [day(98), day(97)] })).toMatchObject({
    decision: 'wait',
    summary: expect.stringContaining('limit'),
  });
  expect(decide({ ...base, retrainedAt: [day(98), day(90)] }).decision).toBe('retrain');
  expect(decide({ ...base, failuresInARow: 2 }).decision).toBe('paused');
  expect(decide({ ...base, failuresInARow: 2, isForced: true }).decision).toBe('retrain');
});

it('waits until exactly the end of the cooldown and of the period of the limit', () => {
  const last = (ms: number): Situation => ({ ...base, retrainedAt: [instantOf(day(100) - ms)] });
  expect(decide(last(12 * HOUR_MS - 1)).decision).toBe('wait');
  expect(decide(last(12 * HOUR_MS)).decision).toBe('retrain');
  const two = (ms: number): Situation => ({ ...base, retrainedAt: [day(99), instantOf(day(100) - ms)] });
  expect(decide(two(7 * DAY_MS - 1)).decision).toBe('wait');
  expect(decide(two(7 * DAY_MS)).decision).toBe('retrain');
  expect(
    decide({ ...base, spec: { ...spec, cooldownMs: undefined, limit: undefined }, retrainedAt: [day(100)] }).decision,
  ).toBe('retrain');
});

it('shows what delays it beside what fired', () => {
  expect(decide({ ...base, retrainedAt: [instantOf(day(100) - HOUR_MS)] })).toEqual({
    decision: 'wait',
    because: {
      condition: 'all',
      state: 'not-fired',
      of: [
        fired,
        {
          condition: 'cooldown',
          state: 'not-fired',
          measured: '1h',
          threshold: '12h',
          detail: 'the last retrain was 1h ago (cooldown 12h)',
        },
      ],
    },
    summary: 'code_change, but the last retrain was 1h ago (cooldown 12h)',
  });
  const limited = decide({ ...base, retrainedAt: [day(98), day(97), day(90)] });
  expect(limited.because.of?.[1]).toEqual({
    condition: 'limit',
    state: 'not-fired',
    measured: 2,
    threshold: 2,
    detail: '2 retrains since 1970-04-08T00:00:00.000Z (limit 2 per 7d)',
  });
});

it('pauses after exactly as many failures as declared, after three where nothing is declared', () => {
  const failed = (failuresInARow: number, more: Partial<Situation> = {}) =>
    decide({ ...base, failuresInARow, ...more });
  expect(failed(1).decision).toBe('retrain');
  expect(failed(2)).toMatchObject({
    decision: 'paused',
    because: { condition: 'paused', state: 'fired', measured: 2, threshold: 2 },
    summary: 'the last 2 retrains failed; fix the cause, then "refit resume", or use --force once',
  });
  const undeclared = { spec: { ...spec, pauseAfterFailures: undefined } };
  expect(failed(2, undeclared).decision).toBe('retrain');
  expect(failed(3, undeclared).decision).toBe('paused');
  expect(failed(3, { spec: undefined, hasChampion: false }).decision).toBe('paused');
});

it('pauses after as many refused candidates as declared, after three where nothing is declared, and says why', () => {
  const refused = (refusalsInARow: number, more: Partial<Situation> = {}) =>
    decide({ ...base, refusalsInARow, ...more });
  expect(refused(2).decision).toBe('retrain');
  expect(refused(3, { refusedBy: 'auc, slices' })).toEqual({
    decision: 'paused',
    because: { condition: 'paused-by-refusals', state: 'fired', measured: 3, threshold: 3 },
    summary:
      'the gate refused the last 3 candidates (auc, slices); change data, code or gate, then "refit resume", or use --force once',
  });
  const once = { spec: { ...spec, pauseAfterRefusals: 1 } };
  expect(refused(0, once).decision).toBe('retrain');
  expect(refused(1, once).summary).toBe(
    'the gate refused the last candidate; change data, code or gate, then "refit resume", or use --force once',
  );
  expect(refused(3, { spec: undefined }).decision).toBe('paused');
  expect(refused(3, { spec: { ...spec, pauseAfterRefusals: 4 } }).decision).toBe('retrain');
});

it('lets ticks pass after a training in vain, with and without a champion', () => {
  const attempt = (reason: string) => ({
    decision: 'd-7' as DecisionId,
    now: instantOf(day(100) - HOUR_MS),
    outcome: 'refused' as const,
    reasons: [reason],
    ticksSince: 0,
  });
  const waiting = decide({ ...base, attempts: [attempt('code_change:')] });
  expect(waiting).toMatchObject({ decision: 'wait', because: { of: [fired, { condition: 'back-off' }] } });
  expect(waiting.summary).toMatch(/^code_change, but d-7 trained for it 1h ago and the gate refused/);
  expect(decide({ ...base, attempts: [attempt('max_age:')] }).decision).toBe('retrain');
  const none = { ...base, hasChampion: false, conditions: undefined };
  expect(decide({ ...none, attempts: [attempt('no-champion:')] })).toMatchObject({
    decision: 'wait',
    because: { of: [{ condition: 'no-champion' }, { condition: 'back-off' }] },
    summary: expect.stringMatching(/^no version serves yet, but d-7 trained/),
  });
  expect(decide({ ...none, attempts: [attempt('max_age:')] }).decision).toBe('retrain');
});

it('trains without a declared section, and delays nothing by what is not declared', () => {
  const bare = { ...base, spec: undefined };
  expect(decide({ ...bare, retrainedAt: [day(100)] }).decision).toBe('retrain');
  expect(decide({ ...base, spec: { ...spec, limit: undefined }, retrainedAt: [] }).decision).toBe('retrain');
  expect(decide({ ...base, spec: { ...spec, cooldownMs: undefined }, retrainedAt: [day(100)] }).decision).toBe(
    'retrain',
  );
  const suggests: EvaluatedCondition = { condition: 'data_drift', state: 'suggests', ids: ['x'] };
  const suggested = [{ id: 'd-1' as DecisionId, now: day(94), ids: ['x'] }];
  expect(decide({ ...bare, conditions: suggests, suggested }).decision).toBe('wait');
  expect(decide({ ...bare, now: day(101), conditions: suggests, suggested }).decision).toBe('suggest');
  // a suggestion of a trigger without ids stands for nothing
  expect(decide({ ...base, conditions: { ...suggests, ids: undefined }, suggested }).decision).toBe('suggest');
});

it('takes "again" from the trigger that suggests, not from another one', () => {
  const drift = { kind: 'data_drift', share: 0.3, againMs: 2 * DAY_MS, at } as const;
  const fast = { kind: 'data_drift', share: 0.5, againMs: DAY_MS, at } as const;
  const both = { ...spec, when: { kind: 'any', of: [fast, drift] } as Condition };
  const suggests: EvaluatedCondition = { condition: 'data_drift', state: 'suggests', key: keyOf(drift), ids: ['x'] };
  const suggested = [{ id: 'd-1' as DecisionId, now: instantOf(day(98) + 1), ids: ['x'] }];
  expect(decide({ ...base, spec: both, conditions: suggests, suggested }).decision).toBe('wait');
});

it('names the oldest training that the limit counts, and the newest suggestion', () => {
  const limited = decide({ ...base, retrainedAt: [day(99), day(98), day(96)] });
  expect(limited.because.of?.[1]?.detail).toBe('3 retrains since 1970-04-07T00:00:00.000Z (limit 2 per 7d)');
  const one = (id: string): EvaluatedCondition => ({ condition: 'data_drift', state: 'suggests', ids: [id] });
  const conditions: EvaluatedCondition = { condition: 'any', state: 'suggests', of: [one('x'), one('y')] };
  const before = (id: string, now: Instant, ...ids: readonly string[]) => ({ id: id as DecisionId, now, ids });
  const suggested = [before('d-1', day(99), 'x'), before('d-2', day(98), 'y')];
  expect(decide({ ...base, conditions, suggested }).because.of?.[1]).toMatchObject({ since: day(99) });
});

it('stays paused until a person resumes it, and names who paused it', () => {
  const pausedBy = { actor: 'ann', reason: 'holidays', since: day(99) };
  expect(decide({ ...base, pausedBy })).toEqual({
    decision: 'paused',
    because: {
      condition: 'paused-by-hand',
      state: 'fired',
      since: day(99),
      detail: 'ann, 1970-04-10T00:00:00.000Z: holidays',
    },
    summary: 'paused by ann, 1970-04-10T00:00:00.000Z: holidays; "refit resume" ends it',
  });
  expect(decide({ ...base, pausedBy, hasChampion: false }).decision).toBe('paused');
  expect(decide({ ...base, pausedBy, isForced: true }).decision).toBe('retrain');
});

it('gives the reason to train: force, no champion, or what fired', () => {
  expect(decide({ ...base, isForced: true })).toEqual({
    decision: 'retrain',
    because: { condition: 'forced', state: 'fired', detail: '--force' },
    summary: 'requested with --force',
  });
  expect(decide({ ...base, isForced: true, forcedBecause: 'new feature' })).toMatchObject({
    because: { detail: 'new feature' },
    summary: 'requested with --force: new feature',
  });
  expect(decide({ ...base, hasChampion: false, conditions: undefined })).toEqual({
    decision: 'retrain',
    because: { condition: 'no-champion', state: 'fired', detail: 'no version serves yet' },
    summary: 'no version serves yet',
  });
  const tree: EvaluatedCondition = {
    condition: 'any',
    state: 'fired',
    of: [
      { condition: 'max_age', state: 'not-fired', detail: 'young' },
      { condition: 'data_drift', state: 'suggests', detail: '3 of 9' },
      { condition: 'code_change', state: 'fired', detail: 'changed: a.py' },
      { condition: 'event', state: 'fired' },
    ],
  };
  expect(decide({ ...base, conditions: tree }).summary).toBe('code_change (changed: a.py), event');
  expect(decide({ ...base, conditions: { condition: 'not', state: 'fired', of: [] } }).summary).toBe('not');
  expect(decide({ ...base, conditions: undefined })).toMatchObject({
    decision: 'wait',
    because: { condition: 'any', of: [] },
    summary: 'no trigger fired',
  });
});

it('names the first data bug, its column, and how many more there are', () => {
  const inColumn = { ...bug, column: 'delay', code: 'negatives', detail: '12 rows' };
  expect(decide({ ...base, dataBugs: [bug] })).toEqual({
    decision: 'hold',
    because: {
      condition: 'data-bug',
      state: 'fired',
      of: [{ condition: 'data-bug', state: 'fired', measured: 'f-00000001', detail: 'error: scaled: x' }],
    },
    summary: 'the data looks broken: scaled',
  });
  const two = decide({ ...base, dataBugs: [inColumn, bug] });
  expect(two.summary).toBe('the data looks broken: "delay" negatives and 1 more');
  expect(two.because.of?.[0]?.detail).toBe('error: delay: negatives: 12 rows');
  expect(decide({ ...base, spec: undefined, dataBugs: [bug] }).decision).toBe('hold');
});

it('suggests again exactly "again" after the trigger, and names the decision that suggested it', () => {
  const leaf = { kind: 'data_drift', share: 0.3, againMs: 2 * DAY_MS, at } as const;
  const key = keyOf(leaf);
  const suggests: EvaluatedCondition = { condition: 'data_drift', state: 'suggests', key, ids: ['x'] };
  const suggested = (now: Instant, ids: readonly string[] = ['x'], id = 'd-1') => ({ id: id as DecisionId, now, ids });
  const look = (...before: readonly ReturnType<typeof suggested>[]) =>
    decide({ ...base, spec: { ...spec, when: leaf }, conditions: suggests, suggested: before });
  expect(look(suggested(day(98))).decision).toBe('suggest');
  const standing = look(suggested(instantOf(day(98) + 1)));
  expect(standing).toMatchObject({
    decision: 'wait',
    because: { condition: 'all', state: 'not-fired', of: [suggests, { condition: 'suggested', state: 'not-fired' }] },
  });
  expect(look(suggested(day(99), ['y'])).decision).toBe('suggest');
  // of two reasons one is news: it is suggested
  const both: EvaluatedCondition = {
    condition: 'any',
    state: 'suggests',
    of: [suggests, { ...suggests, ids: ['y'] }],
  };
  const either = (...before: readonly ReturnType<typeof suggested>[]) =>
    decide({ ...base, spec: { ...spec, when: leaf }, conditions: both, suggested: before });
  expect(either(suggested(day(99))).decision).toBe('suggest');
  expect(either(suggested(day(99)), suggested(instantOf(day(99) + HOUR_MS), ['y'], 'd-2'))).toMatchObject({
    decision: 'wait',
    because: { of: [both, { since: day(99) + HOUR_MS, detail: 'd-2 suggested it 23h ago' }] },
  });
});

const measured: Measurements = { now: day(30), newData: {}, codeChanges: [], commands: {}, history: [] };

it('fires a schedule once for a missed tick, and not before it is due', () => {
  const weekly: Condition = { kind: 'schedule', cron: '0 3 * * 1', timezone: 'UTC', at };
  // 1970-01-29 was a Thursday, so Monday 3 o'clock is four days and three hours later
  const since = (n: number): Measurements => ({
    ...measured,
    now: instantOf(day(n) + 4 * HOUR_MS),
    lastTrainedAt: day(28),
  });
  expect(evaluateCondition(weekly, since(31)).state).toBe('not-fired');
  expect(evaluateCondition(weekly, since(32)).state).toBe('fired');
  expect(evaluateCondition(weekly, measured).state).toBe('undecided');
});

const drifted = (share: number): DriftReport => ({
  verdict: 'drift',
  features: [],
  drifted: share * 10,
  total: 10,
  dataBugs: [],
  unclear: [],
  segments: [],
  warnings: [],
});

it('counts distinct windows for "2 of 3, every 7d"', () => {
  const persistent: Condition = {
    kind: 'data_drift',
    share: 0.3,
    at,
    persist: { count: 2, of: 3, everyMs: 7 * DAY_MS },
  };
  const look = (n: number, share: number, history: readonly EvaluatedCondition[]) =>
    evaluateCondition(persistent, { ...measured, now: day(n), drift: drifted(share), history });
  const first = look(30, 0.5, []);
  expect(first.state).toBe('not-fired');
  expect(look(31, 0.5, [first]).state).toBe('not-fired');
  expect(look(37, 0.5, [first]).state).toBe('fired');
  const quiet = look(37, 0.1, [first]);
  expect(quiet.state).toBe('not-fired');
  expect(look(44, 0.5, [quiet, first]).state).toBe('fired');
  expect(look(58, 0.5, [look(51, 0.1, []), quiet, first]).state).toBe('not-fired');
});

it('combines any, all and not; what could not be measured does not fire', () => {
  const code: Condition = { kind: 'code_change', at };
  const unknown: Condition = { kind: 'data_drift', share: 0.3, at };
  const changed = { ...measured, codeChanges: [{ what: 'train.py', hash: 'a' }] };
  expect(evaluateCondition({ kind: 'any', of: [code, unknown] }, changed).state).toBe('fired');
  expect(evaluateCondition({ kind: 'all', of: [code, unknown] }, changed).state).toBe('not-fired');
  expect(evaluateCondition({ kind: 'not', of: code }, measured).state).toBe('fired');
  expect(evaluateCondition({ kind: 'not', of: unknown }, measured).state).toBe('undecided');
});
