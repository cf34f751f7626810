import type { Evaluation } from '../domain/model.js';
import type { GateRule } from '../domain/pipeline.js';
import type { PairedPredictions } from './paired.js';

export type Scored = Pick<Evaluation, 'metrics' | 'unusable' | 'slices'>;

export type MetricRule = Extract<GateRule, { readonly kind: 'metric' }>;

export interface SmokeResult {
  readonly command: string;
  readonly isGood: boolean;
  readonly detail: string;
}

/** Everything a gate looks at. */
export interface Judged {
  readonly rules: readonly GateRule[];
  readonly first: 'gate' | 'accept';
  readonly candidate: Scored;
  readonly hasChampion: boolean;
  /** Absent though there is a champion: it could not be scored, and `championProblem` says why. */
  readonly champion?: Scored;
  readonly championProblem?: string;
  /** Both models' predictions of the same rows, for intervals; with slice columns where the tables have them. */
  readonly pairs?: PairedPredictions;
  readonly sliceColumns?: Readonly<Record<string, readonly string[]>>;
  /** In the order of the smoke rules. */
  readonly smoke: readonly SmokeResult[];
}

/** The value, or the sentence why there is none. */
export function scoreOf(scored: Scored, metric: string, whose: string): number | string {
  const value = scored.metrics[metric];
  if (value !== undefined) return value;
  const unusable = scored.unusable[metric];
  if (unusable !== undefined) return `${whose} has ${metric} = ${unusable}, which is no finite number`;
  return `${whose} was not scored with "${metric}"; it has ${Object.keys(scored.metrics).join(', ') || 'no metrics'}`;
}

/** One comparison with the champion. */
export interface Comparison {
  readonly rule: MetricRule;
  readonly kind: 'max_regression' | 'min_improvement' | 'max_improvement';
  readonly limit: number;
  readonly name: string;
  readonly candidate: Scored;
  readonly champion: Scored;
}
