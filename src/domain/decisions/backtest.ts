import type { Instant } from '../support/time.js';
import type { DecisionKind, DecisionOutcome } from './decision.js';

/** What one policy did at one moment of the past, and how good its model had been until then. */
export interface BacktestTick {
  readonly at: Instant;
  readonly decision: DecisionKind;
  readonly summary: string;
  /** What came of a training; absent where there was none. */
  readonly outcome?: DecisionOutcome['outcome'];
  /** When the model was trained that was in force until now; absent at the first tick. */
  readonly trainedAt?: Instant;
  /** Of that model, on the pipeline's own test data of this moment. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface PolicyReplay {
  /** `policy` is the pipeline's own. */
  readonly name: 'policy' | 'never' | 'every' | 'every-drift';
  /** In words: `every 30d`. */
  readonly label: string;
  readonly ticks: readonly BacktestTick[];
  readonly trainings: number;
  readonly published: number;
  /** What its trainings took when they really ran: the same training is shared by all policies. */
  readonly trainingMs: number;
  /** The metric over the ticks at which a model was in force; absent where none could be scored. */
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
  /** Nothing differs from an earlier replay: its result. */
  readonly isCached: boolean;
  readonly durationMs: number;
}
