import { expect, it } from 'vitest';
import type { EvaluatedCondition } from '../../../src/domain/decisions/decision.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import { DAY_MS, HOUR_MS, type Instant, instantOf } from '../../../src/domain/support/time.js';
import { type Attempt, backOff, reasonsOf } from '../../../src/retrain/judge/back-off.js';

const leaf = (condition: string, more: Partial<EvaluatedCondition> = {}): EvaluatedCondition => ({
  condition,
  state: 'fired',
  key: 'k',
  ...more,
});
const any = (...of: readonly EvaluatedCondition[]): EvaluatedCondition => ({ condition: 'any', state: 'fired', of });

/** The ticks, an interval apart, at which a trigger that always fires trains when every training ends in the same way. */
function trainings(outcome: Attempt['outcome'], everyMs: number, count: number): readonly number[] {
  const trained: number[] = [];
  for (let tick = 0; tick < count; tick++) {
    const attempts = [...trained].reverse().map(
      (at): Attempt => ({
        decision: `d-${at}` as DecisionId,
        now: instantOf(at * everyMs),
        outcome,
        reasons: ['new_data:k'],
        ticksSince: tick - at - 1,
      }),
    );
    if (backOff(any(leaf('new_data')), { attempts, now: instantOf(tick * everyMs) }) === undefined) trained.push(tick);
  }
  return trained;
}

it('lets 1, 2, 4 … ticks pass after refusals for the same reason, and at most seven days', () => {
  expect(trainings('refused', HOUR_MS, 40)).toEqual([0, 2, 5, 10, 19, 36]);
  expect(trainings('refused', DAY_MS, 40)).toEqual([0, 2, 5, 10, 17, 24, 31, 38]);
  expect(trainings('refused', 30 * DAY_MS, 4)).toEqual([0, 1, 2, 3]);
});

it('tries again at the next tick after the first two failures, and then as after refusals', () => {
  expect(trainings('failed', HOUR_MS, 24)).toEqual([0, 1, 2, 4, 7, 12, 21]);
});

const now: Instant = instantOf(10 * HOUR_MS);
const refused = (...reasons: readonly string[]): Attempt => ({
  decision: 'd-1' as DecisionId,
  now: instantOf(9 * HOUR_MS),
  outcome: 'refused',
  reasons,
  ticksSince: 0,
});

it('does not delay another reason: another trigger, other code, another event, another fall', () => {
  const delayed = (tree: EvaluatedCondition, ...reasons: readonly string[]): boolean =>
    backOff(tree, { attempts: [refused(...reasons)], now }) !== undefined;
  expect(delayed(any(leaf('new_data')), 'new_data:k')).toBe(true);
  expect(delayed(any(leaf('new_data'), leaf('max_age')), 'new_data:k')).toBe(false);
  expect(delayed(any(leaf('new_data'), leaf('max_age')), 'new_data:k', 'max_age:k')).toBe(true);
  for (const [condition, same, other] of [
    ['code_change', 'code_change:k:v1:aaa', 'code_change:k:v1:bbb'],
    ['event', 'event:landed:2026-05', 'event:landed:2026-06'],
    ['performance', 'performance:k:fall:2026-01-01', 'performance:k:fall:2026-02-01'],
  ] as const) {
    expect(delayed(any(leaf(condition, { ids: [`${same}#2`] })), same)).toBe(true);
    expect(delayed(any(leaf(condition, { ids: [`${other}#1`] })), same)).toBe(false);
  }
  const notOf: EvaluatedCondition = { condition: 'not', state: 'fired', of: [leaf('command', { state: 'not-fired' })] };
  expect(delayed(notOf, 'not')).toBe(true);
});

it('names the training that was refused, and until when it waits', () => {
  expect(backOff(any(leaf('new_data')), { attempts: [refused('new_data:k')], now })).toEqual({
    condition: 'back-off',
    state: 'not-fired',
    measured: 0,
    threshold: 1,
    detail:
      'd-1 trained for it 1h ago and the gate refused, 1 in a row; again after 1 tick, at the latest 1970-01-08T09:00:00.000Z',
  });
});

it('counts the triggers that fired beside a forced training', () => {
  const because: EvaluatedCondition = { condition: 'forced', state: 'fired' };
  expect(reasonsOf({ because, conditions: any(leaf('new_data')) })).toEqual(['forced:', 'new_data:k']);
});

it('counts only what fired: what suggests or does not hold is no reason', () => {
  const suggests = leaf('data_drift', { state: 'suggests' });
  const still = leaf('max_age', { state: 'not-fired' });
  expect(reasonsOf({ because: any(leaf('new_data'), suggests, still) })).toEqual(['new_data:k']);
  expect(reasonsOf({ because: { ...any(suggests), state: 'suggests' } })).toEqual([]);
  expect(reasonsOf({ because: { ...any(still), state: 'not-fired' } })).toEqual([]);
  expect(reasonsOf({ because: any(leaf('new_data')), conditions: undefined })).toEqual(['new_data:k']);
  const twice = any(leaf('new_data'), leaf('new_data'));
  expect(reasonsOf({ because: twice, conditions: twice })).toEqual(['new_data:k']);
});

it('takes the trigger as the reason where an occasion has no id, and drops only the count at the end of an id', () => {
  expect(reasonsOf({ because: any(leaf('event', { ids: [] })) })).toEqual(['event:k']);
  expect(reasonsOf({ because: any(leaf('event', { key: undefined, ids: undefined })) })).toEqual(['event:']);
  const ids = ['event:landed:#1-of-2#12', 'event:landed:x'];
  expect(reasonsOf({ because: any(leaf('event', { ids })) })).toEqual(['event:landed:#1-of-2', 'event:landed:x']);
  // the ids of a state name its period, and its reason is the trigger
  expect(reasonsOf({ because: any(leaf('data_drift', { ids: ['data_drift:k:v1:2026#1'] })) })).toEqual([
    'data_drift:k',
  ]);
});

it('waits for the longest delay of several reasons, whichever comes first, and says how many ticks', () => {
  const attempt = (hours: number, outcome: Attempt['outcome'], ...reasons: readonly string[]): Attempt => ({
    decision: `d-${hours}` as DecisionId,
    now: instantOf(hours * HOUR_MS),
    outcome,
    reasons,
    ticksSince: 0,
  });
  const attempts = [
    attempt(9, 'refused', 'new_data:k'),
    attempt(8, 'refused', 'max_age:k'),
    attempt(7, 'refused', 'max_age:k'),
  ];
  const [one, two] = [leaf('new_data'), leaf('max_age')];
  for (const tree of [any(one, two), any(two, one)])
    expect(backOff(tree, { attempts, now })).toMatchObject({
      threshold: 2,
      detail:
        'd-8 trained for it 2h ago and the gate refused, 2 in a row; again after 2 ticks, at the latest 1970-01-08T08:00:00.000Z',
    });
  const failed = [9, 8, 7].map((hours) => attempt(hours, 'failed', 'new_data:k'));
  expect(backOff(any(one), { attempts: failed, now })?.detail).toBe(
    'd-9 trained for it 1h ago and it failed, 3 in a row; again after 1 tick, at the latest 1970-01-08T09:00:00.000Z',
  );
});

it('has nothing to delay where nothing fired', () => {
  const tree: EvaluatedCondition = { condition: 'any', state: 'not-fired', of: [] };
  expect(backOff(tree, { attempts: [refused('any')], now })).toBeUndefined();
});
