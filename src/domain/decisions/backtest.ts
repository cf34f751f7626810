import type { TrainingWindow } from '../data/training-window.js';
import type { Instant } from '../support/time.js';
import type { DecisionKind, DecisionOutcome } from './decision.js';

/** One policy at one past time, and how good its model had been until then. */
export interface BacktestTick {
  readonly at: Instant;
  readonly decision: DecisionKind;
  readonly summary: string;
  /** Outcome of a training. Absent if there was none. */
  readonly outcome?: DecisionOutcome['outcome'];
  /** When the model in force until now was trained. Absent at the first tick. */
  readonly trainedAt?: Instant;
  /** The rows that the training of this time read. */
  readonly windows?: readonly TrainingWindow[];
  /** Metrics of that model on the pipeline's test data at this time. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface PolicyReplay {
  /** `policy` is the pipeline's own. `window-…`, `from-zero`: the same with a fixed window, or with each training from zero. */
  readonly name: 'policy' | 'never' | 'every' | 'every-drift' | `window-${string}` | 'from-zero';
  /** In words: `every 30d`. */
  readonly label: string;
  readonly ticks: readonly BacktestTick[];
  readonly trainings: number;
  readonly published: number;
  /** Total duration of its trainings when they really ran. All policies share the same training. */
  readonly trainingMs: number;
  /** The metric over the ticks with a model in force. Absent if none could be scored. */
  readonly mean?: number;
  readonly worst?: number;
}

export interface BacktestReport {
  readonly pipeline: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  readonly metric?: string;
  readonly isHigherBetter: boolean;
  readonly policies: readonly PolicyReplay[];
  /** The stored result of an earlier replay, because nothing has changed. */
  readonly isCached: boolean;
  readonly durationMs: number;
}
