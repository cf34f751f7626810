import type { Evaluation } from '../../domain/models/model.js';
import type { Comparator, GateRule } from '../../domain/pipeline/pipeline.js';
import type { PairedPredictions } from './difference.js';

export type Scored = Pick<Evaluation, 'metrics' | 'unusable' | 'slices'>;

export type MetricRule = Extract<GateRule, { readonly kind: 'metric' }>;

/** How a command of the gate ended: smoke tests, and measurements of latency. */
export interface CommandResult {
  readonly isGood: boolean;
  readonly detail: string;
  /** Milliseconds at the rule's quantile. */
  readonly latencyMs?: number;
}

/** Whom the candidate is compared with, as it was found and scored on the same data. */
export type Rival =
  /** There is none, so that nothing can be compared: no champion yet, or it is the candidate itself. */
  | { readonly kind: 'none'; readonly why: string }
  /** There is one, or should be one, and it could not be scored. */
  | { readonly kind: 'unscored'; readonly why: string }
  | {
      readonly kind: 'scored';
      /** What it is called in the verdict: `champion`, `flights-delay@3`. */
      readonly label: string;
      readonly scored: Scored;
      /** Both models' predictions of the same rows, for intervals; with slice columns where the tables have them. */
      readonly pairs?: PairedPredictions;
      readonly sliceColumns?: Readonly<Record<string, readonly string[]>>;
    };

export type ScoredRival = Extract<Rival, { readonly kind: 'scored' }>;

/** Everything a gate looks at. */
export interface Judged {
  readonly rules: readonly GateRule[];
  readonly first: 'gate' | 'accept';
  readonly candidate: Scored;
  /** Some version serves, and it is not the candidate. */
  readonly hasChampion: boolean;
  /** By every name that a rule has under `against`. */
  readonly rivals: Readonly<Record<Comparator, Rival>>;
  /** In the order of the smoke and latency rules. */
  readonly commands: readonly CommandResult[];
  /** In the order of the rules of prior successes: how many of the last other runs succeeded, one after the other. */
  readonly successes: readonly number[];
}

/** The value, or the sentence why there is none. */
export function scoreOf(scored: Scored, metric: string, whose: string): number | string {
  const value = scored.metrics[metric];
  if (value !== undefined)
    return Number.isFinite(value) ? value : `${whose} has ${metric} = ${value}, which is no finite number`;
  const unusable = scored.unusable[metric];
  if (unusable !== undefined) return `${whose} has ${metric} = ${unusable}, which is no finite number`;
  return `${whose} was not scored with "${metric}"; it has ${Object.keys(scored.metrics).join(', ') || 'no metrics'}`;
}

/** One comparison with one rival. */
export interface Comparison {
  readonly rule: MetricRule;
  readonly kind: 'max_regression' | 'min_improvement' | 'max_improvement';
  readonly limit: number;
  readonly name: string;
  readonly candidate: Scored;
  readonly rival: ScoredRival;
}
