import { expect, it } from 'vitest';
import type { DriftReport } from '../../../src/domain/data/drift.js';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { Measurements } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import type { Condition, RetrainSpec } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { decide, type Situation } from '../../../src/retrain/judge/decide.js';
import { evaluateCondition } from '../../../src/retrain/judge/evaluate-condition.js';

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

it('waits when nothing fired, retrains when something did, and suggests where only that is wanted', () => {
  expect(decide({ ...base, conditions: { ...fired, state: 'not-fired' } }).decision).toBe('wait');
  expect(decide(base)).toMatchObject({ decision: 'retrain', because: { measured: 1 } });
  expect(decide({ ...base, spec: { ...spec, mode: 'suggest' } }).decision).toBe('suggest');
});

it('suggests the same thing once, again when it still holds after "again", and trains for it where it may', () => {
  const suggests: EvaluatedCondition = { condition: 'data_drift', state: 'suggests', ids: ['data_drift:k:v1:x#1'] };
  const suggested = [{ id: 'd-1' as DecisionId, now: day(98), ids: suggests.ids ?? [] }];
  const said = decide({ ...base, conditions: suggests, suggested });
  expect(said).toMatchObject({ decision: 'wait', summary: 'data_drift; d-1 has suggested it 2d ago' });
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

it('lets a data bug block every trigger: force, no champion, the lot', () => {
  for (const more of [{}, { isForced: true }, { hasChampion: false }])
    expect(decide({ ...base, ...more, dataBugs: [bug] }).decision).toBe('hold');
  expect(decide({ ...base, spec: { ...spec, onDataBug: 'ignore' }, dataBugs: [bug] }).decision).toBe('retrain');
});

it('keeps the cooldown and the limit, and says so; force ignores them and the pause', () => {
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
