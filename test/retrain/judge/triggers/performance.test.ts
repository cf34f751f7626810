import { describe, expect, it } from 'vitest';
import type { PerformanceReport } from '../../../../src/domain/data/performance.js';
import type { EvaluatedCondition } from '../../../../src/domain/decisions/decision.js';
import type { Measurements } from '../../../../src/domain/decisions/measurements.js';
import { performanceKey } from '../../../../src/domain/decisions/measurements.js';
import type { Condition } from '../../../../src/domain/pipeline/pipeline.js';
import { DAY_MS } from '../../../../src/domain/support/time.js';
import { evaluateCondition } from '../../../../src/retrain/judge/evaluate-condition.js';
import { at, feature, hour, measure, NOTHING, report } from './measure.js';

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
