import type { DetectorName } from '../domain/data/detector.js';
import type { Estimate } from '../domain/data/performance.js';
import type { VersionRef } from '../domain/models/model.js';
import type { LogRows, PredictionLog } from '../domain/ports/prediction-log.js';
import type { Instant } from '../domain/support/time.js';
import type { Kept } from './measure-grid.js';
import type { KeptStream } from './watch-errors.js';
import type { WatchedMetric } from './watched-metric.js';

/** What is asked of a log; what is left open is chosen by the log itself. */
export interface PerformanceQuestion {
  readonly metric?: string;
  readonly windowMs?: number;
  readonly drop?: number;
  readonly detectors?: readonly DetectorName[];
}

/** A log with what is known of the model that made its predictions. */
export interface WatchedModel {
  readonly log: PredictionLog;
  readonly now: Instant;
  readonly delayMs: number;
  readonly segments: readonly string[];
  /** Metrics of the pipeline's own. */
  readonly metrics: readonly WatchedMetric[];
  readonly version?: VersionRef;
  /** Predictions before it are another version's. */
  readonly servedSince?: Instant;
  /** Labels and predictions of the champion at its gate. */
  readonly atGate: () => Promise<Pick<LogRows, 'label' | 'prediction'> | undefined>;
  /** Its value of a metric at the gate, where the rows are not there. */
  readonly gateMetrics: Readonly<Record<string, number>>;
  /** How far earlier versions came out beside their own gates, a window each; for a model too young to say how it swings. */
  readonly earlier: (metric: string, windowMs: number) => readonly Pick<Estimate, 'value' | 'standardError'>[];
  readonly kept?: Kept & { readonly streams: KeptStream };
}
