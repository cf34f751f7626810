import type { Evaluation } from '../../domain/models/model.js';
import type { Comparator, GateRule } from '../../domain/pipeline/pipeline.js';
import type { PairedPredictions } from './difference.js';

export type Scored = Pick<Evaluation, 'metrics' | 'unusable' | 'slices'>;

export type MetricRule = Extract<GateRule, { readonly kind: 'metric' }>;

/** How a command of the gate ended: a smoke test or a latency measurement. */
export interface CommandResult {
  readonly isGood: boolean;
  readonly detail: string;
  /** Latency in milliseconds at the rule's quantile. */
  readonly latencyMs?: number;
}

/** A version that the candidate is compared with, scored on the same data. */
export type Rival =
  /** There is no rival: no champion yet, or the candidate is the champion. */
  | { readonly kind: 'none'; readonly why: string }
  /** A rival exists or should exist, but could not be scored. */
  | { readonly kind: 'unscored'; readonly why: string }
  | {
      readonly kind: 'scored';
      /** Its name in the verdict: `champion`, `flights-delay@3`. */
      readonly label: string;
      readonly scored: Scored;
      /** Predictions of both models on the same rows, for intervals. With slice columns if the tables have them. */
      readonly pairs?: PairedPredictions;
      readonly sliceColumns?: Readonly<Record<string, readonly string[]>>;
      /** Why there are no pairs. */
      readonly unpaired?: string;
    };

export type ScoredRival = Extract<Rival, { readonly kind: 'scored' }>;

/** Everything that a gate decides on. */
export interface Judged {
  readonly rules: readonly GateRule[];
  readonly first: 'gate' | 'accept';
  readonly candidate: Scored;
  /** Whether a version serves that is not the candidate. */
  readonly hasChampion: boolean;
  /** The candidate is the champion. Comparisons with the champion do not apply. */
  readonly isServing?: boolean;
  /** The champion's scores. Absent if there is no other champion, or if it could not be scored. */
  readonly champion?: Scored;
  /** By each name that a rule has under `against`. */
  readonly rivals: Readonly<Record<Comparator, Rival>>;
  /** In the order of the smoke and latency rules in the file. */
  readonly commands: readonly CommandResult[];
  /**
   * For each rule of prior successes, in their order: how many of the latest other runs succeeded without a failure
   * between them.
   */
  readonly successes: readonly number[];
}

/** The score, or a sentence that says why there is none. */
export function scoreOf(scored: Scored, metric: string, whose: string): number | string {
  const value = scored.metrics[metric];
  if (value !== undefined)
    return Number.isFinite(value) ? value : `${whose} has ${metric} = ${value}, which is not a finite number`;
  const unusable = scored.unusable[metric];
  if (unusable !== undefined) return `${whose} has ${metric} = ${unusable}, which is not a finite number`;
  const has = Object.keys(scored.metrics).join(', ') || 'no metrics';
  return `${whose} was not scored with "${metric}"; it has ${has}. Let "evaluate" write { "${metric}": 0.64 }`;
}

/** The comparison of the candidate with one rival. */
export interface Comparison {
  readonly rule: MetricRule;
  readonly kind: 'max_regression' | 'min_improvement' | 'max_improvement';
  readonly limit: number;
  readonly name: string;
  readonly candidate: Scored;
  readonly rival: ScoredRival;
}
