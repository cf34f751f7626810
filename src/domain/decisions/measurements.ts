import type { DriftReport } from '../data/drift.js';
import type { PerformanceReport } from '../data/performance.js';
import type { DecisionId, RunId } from '../ids.js';
import type { Trigger } from '../pipeline/pipeline.js';
import type { Instant } from '../support/time.js';
import type { EvaluatedCondition } from './decision.js';

/** The measurements for the triggers. A measurement that could not be made is a text that says why. */
export interface Measurements {
  readonly now: Instant;
  /** Training time of the newest trained model. Triggers that look back start there. */
  readonly lastTrainedAt?: Instant;
  readonly championTrainedAt?: Instant;
  readonly championVersion?: number;
  /** By dataset, and `''` for counting labels only. */
  readonly newData: Readonly<Record<string, NewDataSince | string>>;
  readonly drift?: DriftReport | string;
  /** By the trigger's key. */
  readonly performance?: Readonly<Record<string, PerformanceReport | string>>;
  /** Whether logged predictions are monitored. If so, drift of inputs alone is no reason to train. */
  readonly isWatchingPredictions?: boolean;
  /** Code inputs and commands that differ from the champion's. */
  readonly codeChanges: readonly CodeChange[] | string;
  /** Exit codes by command text. */
  readonly commands: Readonly<Record<string, number | string>>;
  /** Events that no training has answered yet, by name. */
  readonly events?: Readonly<Record<string, readonly PendingEvent[]>>;
  /** Champions of other models, by name. */
  readonly upstream?: Readonly<Record<string, UpstreamMove | string>>;
  /** What earlier decisions have trained for, without failed trainings. */
  readonly taken?: readonly TakenTrigger[];
  /**
   * Condition trees of earlier decisions under this champion, newest first. For `for: 2 of 3`, and to know since when
   * something holds.
   */
  readonly history: readonly EvaluatedCondition[];
  /** The newest trees under any champion, for triggers that do not depend on it. */
  readonly latest?: readonly EvaluatedCondition[];
}

export interface NewData {
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** If labels are monitored. */
  readonly labels?: number;
}

export interface NewDataSince {
  /** New data since the newest training, refused or not, and since the champion's training. */
  readonly training: NewData & { readonly run: RunId };
  readonly champion: NewData | string;
}

export interface CodeChange {
  readonly what: string;
  /** Content hash of the changed input as it is now, or the text of the changed command. */
  readonly hash: string;
}

export interface PendingEvent {
  readonly key: string;
  readonly at: Instant;
}

/** The latest promotion of the model. `known`: the generation that was current when the newest training started. */
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
  /** The gate refused its candidate under another pipeline file. The file as it is may give another answer. */
  readonly isRefusedByOldFile?: boolean;
}

/** The key under which a performance trigger's measurement is stored. */
export const performanceKey = ({
  metric,
  drop,
  windowMs,
}: Extract<Trigger, { readonly kind: 'performance' }>): string => JSON.stringify([metric, drop, windowMs ?? null]);
