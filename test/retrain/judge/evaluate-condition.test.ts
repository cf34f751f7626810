import { describe, expect, it } from 'vitest';
import type { PerformanceReport } from '../../../src/domain/data/performance.js';
import { type Measurements, performanceKey } from '../../../src/domain/decisions/measurements.js';
import type { DecisionId } from '../../../src/domain/ids.js';
import type { Condition } from '../../../src/domain/pipeline/pipeline.js';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { evaluateCondition, firedLeaves, leavesOf } from '../../../src/retrain/judge/evaluate-condition.js';
import { at, feature, hour, NOTHING, report } from './triggers/measure.js';

const code = { kind: 'code_change', at } as const;
const drift = { kind: 'data_drift', share: 0.3, at } as const;
const old = { kind: 'max_age', ageMs: 7 * DAY_MS, at } as const;
const event = { kind: 'event', name: 'landed', at } as const;

/** Code and an event fired, drift suggests, the age is not reached. */
const measured: Measurements = {
  ...NOTHING,
  codeChanges: [{ what: 'a.py', hash: 'a' }],
  events: { landed: [{ key: 'x', at: hour(1) }] },
  championTrainedAt: instantOf(hour(1000) - DAY_MS),
  drift: report({ features: [feature('a')] }),
  isWatchingPredictions: true,
};
const unknown = { kind: 'target_drift', at } as const;
const evaluate = (condition: unknown, more: Partial<Measurements> = {}) =>
  evaluateCondition(condition as Condition, { ...measured, ...more });
const state = (...args: Parameters<typeof evaluate>) => evaluate(...args).state;

describe('a combination of triggers', () => {
  it.each([
    ['any', [code, old], 'fired'],
    ['any', [drift, old], 'suggests'],
    ['any', [drift, code], 'fired'],
    ['any', [old, unknown], 'not-fired'],
    ['any', [unknown, unknown], 'undecided'],
    ['any', [], 'not-fired'],
    ['all', [code, event], 'fired'],
    ['all', [code, drift], 'suggests'],
    ['all', [code, old], 'not-fired'],
    ['all', [code, unknown], 'not-fired'],
    ['all', [unknown, unknown], 'undecided'],
  ] as const)('%s of %j', (kind, of, expected) => {
    const found = evaluate({ kind, of });
    expect(found).toMatchObject({ condition: kind, state: expected });
    expect(found.of?.map((one) => one.condition)).toEqual(of.map((one) => one.kind));
  });

  it('is negated by "not", with the trigger as it is, not as news', () => {
    const not = { kind: 'not', of: code };
    expect(evaluate(not)).toMatchObject({ condition: 'not', state: 'not-fired', of: [{ condition: 'code_change' }] });
    expect(evaluate(not, { codeChanges: [] })).toMatchObject({ state: 'fired', of: [{ state: 'not-fired' }] });
    expect(state({ kind: 'not', of: drift })).toBe('not-fired');
    expect(state({ kind: 'not', of: unknown })).toBe('undecided');
    // a trigger that a decision has trained for still holds
    const id = evaluate(code).ids?.[0] ?? '';
    const taken = [{ id, decision: 'd-1' as DecisionId, now: hour(999) }];
    expect(state(code, { taken })).toBe('not-fired');
    expect(state(not, { taken })).toBe('not-fired');
    expect(state({ ...code, fires: 'level' }, { taken })).toBe('fired');
  });

  it('names its triggers, and those that hold, in the order of the file', () => {
    const tree = { kind: 'all', of: [code, { kind: 'not', of: { kind: 'any', of: [old, event] } }, drift] };
    expect(leavesOf(tree as unknown as Condition).map((one) => one.kind)).toEqual([
      'code_change',
      'max_age',
      'event',
      'data_drift',
    ]);
    const found = evaluate({ kind: 'any', of: [drift, old, { kind: 'all', of: [event, code] }] });
    expect(firedLeaves(found).map((one) => one.condition)).toEqual(['data_drift', 'event', 'code_change']);
  });
});

describe('a drift that matters', () => {
  const trigger = { kind: 'performance', metric: 'auc', drop: 0.03, at } as const;
  const lost = (more: object) =>
    ({
      performance: {
        [performanceKey(trigger as never)]: { verdict: 'drift', fall: 0.04, limit: 0.03, ...more },
      },
    }) as unknown as { readonly performance: Readonly<Record<string, PerformanceReport>> };

  it('fires with a loss that a trigger beside it measured, in its words', () => {
    const tree = { kind: 'any', of: [drift, trigger] };
    expect(evaluate(tree, lost({ detail: 'auc fell' })).of?.[0]).toMatchObject({
      state: 'fired',
      detail: '1 of 1 columns drifted: a, and auc fell',
    });
    expect(evaluate(tree, lost({})).of?.[0]?.detail).toBe('1 of 1 columns drifted: a, and the model became worse');
    expect(evaluate(tree, lost({ verdict: 'stable' })).of?.[0]).toMatchObject({ state: 'suggests' });
    // no trigger watches that loss
    expect(evaluate({ kind: 'any', of: [drift, code] }, lost({})).of?.[0]).toMatchObject({ state: 'suggests' });
  });
});
