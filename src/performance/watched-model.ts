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

/** What is asked about a log. The log itself determines what is left out. */
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
  /** Whether a person has called its level normal. Windows before it are then not used any more. */
  readonly isAccepted: boolean;
}

/** What the registry knows about falls in performance. A bare log has no such facts. */
export interface EpisodeFacts {
  /** All open ones, whatever their metric. */
  readonly all: readonly StoredEpisode[];
  readonly open: (metric: string, windowMs: number) => StoredEpisode | undefined;
  /** The newest fall that has ended. */
  readonly last: (metric: string, windowMs: number) => LastEpisode | undefined;
  readonly trainingsSince: (since: Instant) => EpisodeTrainings;
  readonly findingOf: (episode: Pick<StoredEpisode, 'metric' | 'opened'>) => FindingId;
}

/**
 * Rows that a window without labels is compared with. If they have no labels either, `nothing` means that only the
 * scores themselves show how certain they are.
 */
export interface ComparedRows {
  readonly label: Float64Array;
  readonly prediction: Float64Array;
  readonly comparedWith: 'gate' | 'earlier-rows' | 'nothing';
}

/** The champion's log with everything else that measuring its performance needs. */
export interface WatchedModel extends ChampionLog {
  /** Metrics of the pipeline's own. */
  readonly metrics: readonly WatchedMetric[];
  /**
   * The differences between earlier versions and their gates, one per window. Used for a model too young to show how it
   * varies.
   */
  readonly earlier: (metric: string, windowMs: number) => readonly Pick<Estimate, 'value' | 'standardError'>[];
  /** For a bare log, which has no gate: the rows before the current window. */
  readonly earlierRows?: (window: Pick<PerformanceWindow, 'from' | 'to'>) => Promise<Result<ComparedRows, Failure>>;
  /** If false, labels that have not come are no fault, because nobody says how late they come. True if absent. */
  readonly isDelayKnown?: boolean;
  readonly episodes?: EpisodeFacts;
  readonly kept?: Kept & { readonly streams: KeptStream };
}
