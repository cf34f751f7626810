import type { DetectorName } from '../domain/data/detector.js';
import type {
  EpisodeTrainings,
  Estimate,
  PerformanceWindow,
  ReferenceLevel,
  StoredEpisode,
} from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { FindingId } from '../domain/ids.js';
import type { Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
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

export interface LastEpisode {
  readonly opened: Instant;
  readonly until: Instant;
  /** The level before it. */
  readonly before: ReferenceLevel;
  /** A human has called its level normal: windows before it say nothing any more. */
  readonly isAccepted: boolean;
}

/** What the registry knows of falls in performance; a bare log has no such facts. */
export interface EpisodeFacts {
  /** Every open one, whatever its metric. */
  readonly all: readonly StoredEpisode[];
  readonly open: (metric: string, windowMs: number) => StoredEpisode | undefined;
  /** The newest fall that is over. */
  readonly last: (metric: string, windowMs: number) => LastEpisode | undefined;
  readonly trainingsSince: (since: Instant) => EpisodeTrainings;
  readonly findingOf: (episode: Pick<StoredEpisode, 'metric' | 'opened'>) => FindingId;
}

/** Rows that a window without labels is compared with; without a label of their own, `nothing` says how sure scores are. */
export interface ComparedRows {
  readonly label: Float64Array;
  readonly prediction: Float64Array;
  readonly comparedWith: 'gate' | 'earlier-rows' | 'nothing';
}

/** The champion's log with what measuring its performance needs besides. */
export interface WatchedModel extends ChampionLog {
  /** Metrics of the pipeline's own. */
  readonly metrics: readonly WatchedMetric[];
  /** How far earlier versions came out beside their own gates, a window each; for a model too young to say how it swings. */
  readonly earlier: (metric: string, windowMs: number) => readonly Pick<Estimate, 'value' | 'standardError'>[];
  /** Of a bare log, which has no gate: the rows before the current window. */
  readonly earlierRows?: (window: Pick<PerformanceWindow, 'from' | 'to'>) => Promise<Result<ComparedRows, Failure>>;
  /** Labels that have not come are no fault where nobody says how late they come; true without. */
  readonly isDelayKnown?: boolean;
  readonly episodes?: EpisodeFacts;
  readonly kept?: Kept & { readonly streams: KeptStream };
}
