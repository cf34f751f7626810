import type { DriftReport } from '../data/drift.js';
import type { PerformanceReport } from '../data/performance.js';
import type { DecisionId, RunId } from '../ids.js';
import type { Trigger } from '../pipeline/pipeline.js';
import type { Instant } from '../support/time.js';
import type { EvaluatedCondition } from './decision.js';

/** What was measured for the triggers; a measurement that could not be made says why. */
export interface Measurements {
  readonly now: Instant;
  /** Training time of the newest model that was trained: triggers that look back start there. */
  readonly lastTrainedAt?: Instant;
  readonly championTrainedAt?: Instant;
  readonly championVersion?: number;
  /** By dataset, and `''` for labels alone. */
  readonly newData: Readonly<Record<string, NewDataSince | string>>;
  readonly drift?: DriftReport | string;
  /** By the key of its trigger. */
  readonly performance?: Readonly<Record<string, PerformanceReport | string>>;
  /** Whether logged predictions are monitored: then a movement of inputs alone is no reason to train. */
  readonly isWatchingPredictions?: boolean;
  /** Code inputs and commands that differ from the champion's. */
  readonly codeChanges: readonly CodeChange[] | string;
  /** Exit codes by command text. */
  readonly commands: Readonly<Record<string, number | string>>;
  /** Named events that no training has answered yet, by name. */
  readonly events?: Readonly<Record<string, readonly PendingEvent[]>>;
  /** Champions of other models, by name. */
  readonly upstream?: Readonly<Record<string, UpstreamMove | string>>;
  /** What earlier decisions have trained for, the trainings that failed left out. */
  readonly taken?: readonly TakenTrigger[];
  /** Condition trees of earlier decisions under this champion, newest first: for `for: 2 of 3`, and to know since when something holds. */
  readonly history: readonly EvaluatedCondition[];
  /** The newest of them under whatever champion: for what has nothing to do with the champion. */
  readonly latest?: readonly EvaluatedCondition[];
}

export interface NewData {
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Where labels are monitored. */
  readonly labels?: number;
}

export interface NewDataSince {
  /** Since the newest training, refused or not, and since the champion's. */
  readonly training: NewData & { readonly run: RunId };
  readonly champion: NewData | string;
}

export interface CodeChange {
  readonly what: string;
  /** Of what is there now. */
  readonly hash: string;
}

export interface PendingEvent {
  readonly key: string;
  readonly at: Instant;
}

/** The model's latest promotion, and the one that the newest training already knew. */
export interface UpstreamMove {
  readonly generation: number;
  readonly version: number;
  readonly at: Instant;
  readonly known: number;
}

export interface TakenTrigger {
  readonly id: string;
  readonly decision: DecisionId;
  readonly now: Instant;
}

/** By which a declared trigger finds what was measured for it. */
export const performanceKey = ({
  metric,
  drop,
  windowMs,
}: Extract<Trigger, { readonly kind: 'performance' }>): string => JSON.stringify([metric, drop, windowMs ?? null]);
