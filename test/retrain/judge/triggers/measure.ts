import type { DriftReport, FeatureDrift } from '../../../../src/domain/data/drift.js';
import type { EvaluatedCondition } from '../../../../src/domain/decisions/decision.js';
import type { Measurements } from '../../../../src/domain/decisions/measurements.js';
import type { Condition, Trigger } from '../../../../src/domain/pipeline/pipeline.js';
import { HOUR_MS, type Instant, instantOf } from '../../../../src/domain/support/time.js';
import { evaluateCondition } from '../../../../src/retrain/judge/evaluate-condition.js';

export const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
export const hour = (n: number): Instant => instantOf(n * HOUR_MS);

/** Hour 1000, and nothing was measured. */
export const NOTHING: Measurements = { now: hour(1000), newData: {}, codeChanges: [], commands: {}, history: [] };

/** What a condition of this trigger alone says of these measurements. */
export const measure = (trigger: Trigger, measured: Partial<Measurements> = {}): EvaluatedCondition =>
  evaluateCondition({ ...trigger, at } as Condition, { ...NOTHING, ...measured });

export const stateOf = (...args: Parameters<typeof measure>): EvaluatedCondition['state'] => measure(...args).state;

export const report = (more: Partial<DriftReport>): DriftReport => ({
  verdict: 'drift',
  features: [],
  drifted: 0,
  total: 0,
  dataBugs: [],
  unclear: [],
  segments: [],
  warnings: [],
  ...more,
});
/** A column that drifted. */
export const feature = (name: string, more: Partial<FeatureDrift> = {}): FeatureDrift => ({
  name,
  kind: 'numeric',
  role: 'feature',
  method: 'ks',
  score: 0.4,
  threshold: 0.1,
  verdict: 'drift',
  ...more,
});
