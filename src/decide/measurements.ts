import type { EvaluatedCondition } from '../domain/decision.js';
import type { DriftReport } from '../domain/drift.js';
import type { PerformanceReport } from '../domain/performance.js';
import type { Instant } from '../domain/time.js';

/** What was measured for the triggers; a measurement that could not be made says why. */
export interface Measurements {
  readonly now: Instant;
  /** Training time of the newest model that was trained: triggers that look back start there. */
  readonly lastTrainedAt?: Instant;
  readonly championTrainedAt?: Instant;
  readonly newData: Readonly<Record<string, NewData | string>>;
  readonly drift?: DriftReport | string;
  /** By the key of its trigger. */
  readonly performance?: Readonly<Record<string, PerformanceReport | string>>;
  /** Code inputs and commands that differ from the champion's. */
  readonly codeChanges: readonly string[] | string;
  /** Exit codes by command text. */
  readonly commands: Readonly<Record<string, number | string>>;
  /** Condition trees of earlier decisions, newest first: for `for: 2 of 3`. */
  readonly history: readonly EvaluatedCondition[];
}

export interface NewData {
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}
