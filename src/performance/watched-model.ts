import type { DetectorName } from '../domain/data/detector.js';
import type { Estimate } from '../domain/data/performance.js';
import type { ChampionLog } from '../models/champion-log.js';
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

/** The champion's log with what measuring its performance needs besides. */
export interface WatchedModel extends ChampionLog {
  /** Metrics of the pipeline's own. */
  readonly metrics: readonly WatchedMetric[];
  /** How far earlier versions came out beside their own gates, a window each; for a model too young to say how it swings. */
  readonly earlier: (metric: string, windowMs: number) => readonly Pick<Estimate, 'value' | 'standardError'>[];
  readonly kept?: Kept & { readonly streams: KeptStream };
}
