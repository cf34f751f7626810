import type { FindingId } from '../ids.js';
import type { VersionRef } from '../models/model.js';
import type { Instant } from '../support/time.js';
import type { ChangeForm, ChangeKind, Level } from './detector.js';
import type { Finding } from './finding.js';

/** A metric over some rows, with its standard error and 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  readonly lower: number;
  readonly upper: number;
  readonly rows: number;
}

/** The common level of windows, how sure it is, and how windows vary about it. */
export interface ReferenceLevel {
  readonly level: number;
  readonly levelVariance: number;
  /** Variance between windows beyond sampling error. */
  readonly spreadVariance: number;
  /** Degrees of freedom that the spread is known with. */
  readonly freedom: number;
  /** Correlation of neighbouring windows beyond sampling error, 0 to 0.9. */
  readonly correlation: number;
}

/** A metric over the rows of one span of time. */
export interface PerformanceWindow {
  /** `from <= time < to`. */
  readonly from: Instant;
  readonly to: Instant;
  readonly predictions: number;
  /** Those that have a label by now. */
  readonly labelled: number;
  /** Absent where the rows do not allow the metric. */
  readonly estimate?: Estimate;
}

export interface SegmentPerformance {
  readonly column: string;
  readonly value: string;
  readonly verdict: 'drift' | 'stable' | 'undecided';
  readonly current: PerformanceWindow;
  readonly reference?: number;
  readonly fall?: number;
  readonly limit?: number;
}

/** What a stream detector has said of the model's errors, in the order of time. */
export interface ErrorAlarms {
  readonly name: string;
  readonly items: number;
  /** `index` counts the labelled predictions since the version serves. */
  readonly alarms: readonly { readonly at: Instant; readonly index: number }[];
}

/** When the errors changed, how, and what that means. */
export interface PerformanceChange {
  readonly form: ChangeForm;
  readonly kind: ChangeKind;
  readonly since: Instant;
  /** The 95 % interval of `since`. */
  readonly sinceLower: Instant;
  readonly sinceUpper: Instant;
  readonly until?: Instant;
  /** Of `recurring`: the span of the log that was like this, or the version whose training data were. */
  readonly returnedTo?: VersionRef | { readonly from: Instant; readonly to: Instant };
  /** Levels of the error. */
  readonly error: 'squared error' | 'absolute error';
  readonly before: Level;
  readonly after: Level;
  readonly sentence: string;
}

/** Trainings since an episode began. */
export interface EpisodeTrainings {
  readonly total: number;
  /** Those whose model the gate refused. */
  readonly refused: number;
}

/** A fall in performance that has not ended. */
export interface PerformanceEpisode {
  /** When the fall began, as far as that is known. */
  readonly since: Instant;
  /** Start of the first bad window: it identifies the episode and never changes. */
  readonly opened: Instant;
  /** The level before it, and the newest value. */
  readonly before: ReferenceLevel;
  readonly now: number;
  readonly ageMs: number;
  /** Mean of the bad windows. */
  readonly bad: Estimate;
  /** More than one window shows it, or one by far. */
  readonly isConfirmed: boolean;
  readonly trainings: EpisodeTrainings;
  /** By which `resolve --as normal` ends it; absent for files. */
  readonly finding?: FindingId;
}

/** An episode as the registry holds it, with what was known when it was found. */
export interface StoredEpisode {
  readonly id: number;
  readonly metric: string;
  readonly windowMs: number;
  /** Version that served when it was found. */
  readonly version?: number;
  readonly opened: Instant;
  readonly since: Instant;
  readonly before: ReferenceLevel;
  readonly bad: Estimate;
  readonly isConfirmed: boolean;
  readonly change?: PerformanceChange;
  /** Of the check that found it, and the wall clock's. */
  readonly now: Instant;
  readonly foundAt: Instant;
  readonly end?: EpisodeEnd;
}

export const EPISODE_ENDS = ['recovered', 'champion', 'resolved'] as const;

export interface EpisodeEnd {
  /** `recovered`: back at the old level; `champion`: a later version reached it; `resolved`: a human called the new level normal. */
  readonly because: (typeof EPISODE_ENDS)[number];
  /** Of the check that saw it, and the wall clock's. */
  readonly now: Instant;
  readonly at: Instant;
}

/** An episode as it is shown: with its newest value and its age, and how it ended. */
export interface WatchedEpisode {
  readonly metric: string;
  readonly episode: PerformanceEpisode;
  readonly end?: EpisodeEnd;
}

/** What can be said while no label has arrived. */
export interface WithoutLabels {
  /** Predictions of the window against those of the champion's gate. */
  readonly predictionDrift?: {
    readonly verdict: 'drift' | 'stable' | 'undecided';
    readonly score?: number;
    readonly limit?: number;
  };
  /**
   * What the metric would be if alike predictions still meant what they meant at the gate (CBPE). Of a bare log: in its
   * earlier rows, or if it has no label at all, what the probabilities themselves say. It cannot see concept drift.
   */
  readonly estimated?: {
    readonly metric: string;
    readonly value: number;
    readonly comparedWith: 'gate' | 'earlier-rows' | 'nothing';
    /** The value there. */
    readonly atGate?: number;
    /** How much worse than there; negative where it is better. */
    readonly fall?: number;
  };
}

/** One version on the test data of the champion's gate. */
export interface EarnedVersion extends VersionRef {
  readonly name: 'champion' | 'previous' | 'first';
  readonly metrics: Readonly<Record<string, number>>;
}

export interface PerformanceReport {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  readonly undecidedBecause?: string;
  /** One sentence. */
  readonly detail: string;
  readonly metric?: string;
  readonly windowMs: number;
  readonly delayMs: number;
  /** End of the current window: `now` less the delay of labels. */
  readonly asOf: Instant;
  readonly version?: VersionRef;
  readonly current?: PerformanceWindow;
  /** Of a fixed grid, oldest first: a late label changes the window that its prediction lies in. */
  readonly windows: readonly PerformanceWindow[];
  /** The champion's own value when it passed the gate. */
  readonly evidence?: Estimate;
  readonly reference?: number;
  readonly fall?: number;
  readonly limit?: number;
  /** The declared least fall that matters, and how far the metric swings from window to window. */
  readonly drop?: number;
  readonly spread?: number;
  /** Every metric that the current window allows. */
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly segments: readonly SegmentPerformance[];
  readonly detectors: readonly ErrorAlarms[];
  readonly change?: PerformanceChange;
  /** The fall that is open, also where the current window cannot be judged. */
  readonly episode?: PerformanceEpisode;
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly predictions: number;
    readonly labelled: number;
    readonly unusable: number;
    /** Predictions younger than the delay of labels. */
    readonly waiting: number;
  };
  readonly withoutLabels?: WithoutLabels;
  readonly earned: readonly EarnedVersion[];
}
