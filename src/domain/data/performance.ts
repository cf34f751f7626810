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

/** The common level of windows, its uncertainty, and the variation between windows. */
export interface ReferenceLevel {
  readonly level: number;
  readonly levelVariance: number;
  /** Variance between windows beyond sampling error. */
  readonly spreadVariance: number;
  /** Degrees of freedom of the spread. */
  readonly freedom: number;
  /** Correlation of neighbouring windows beyond sampling error, 0 to 0.9. */
  readonly correlation: number;
}

/** A metric over the rows of a span of time. */
export interface PerformanceWindow {
  /** `from <= time < to`. */
  readonly from: Instant;
  readonly to: Instant;
  readonly predictions: number;
  /** Predictions that have a label by now. */
  readonly labelled: number;
  /** Absent if the rows do not allow the metric. */
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

/** A stream detector's alarms on the model's errors, in order of time. */
export interface ErrorAlarms {
  readonly name: string;
  readonly items: number;
  /** `index` counts the labelled predictions since the version began to serve. */
  readonly alarms: readonly { readonly at: Instant; readonly index: number }[];
}

/** When and how the errors changed, and the kind of change. */
export interface PerformanceChange {
  readonly form: ChangeForm;
  readonly kind: ChangeKind;
  readonly since: Instant;
  /** The 95 % interval of `since`. */
  readonly sinceLower: Instant;
  readonly sinceUpper: Instant;
  readonly until?: Instant;
  /** For `recurring`: the earlier span of the log that was similar, or the version whose training data was. */
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
  /** Trainings whose model the gate refused. */
  readonly refused: number;
}

/** An open fall in performance. */
export interface PerformanceEpisode {
  /** When the fall began, as far as known. */
  readonly since: Instant;
  /** Start of the first bad window. It identifies the episode and never changes. */
  readonly opened: Instant;
  /** The level before the fall, and the newest value. */
  readonly before: ReferenceLevel;
  readonly now: number;
  readonly ageMs: number;
  /** Mean of the bad windows. */
  readonly bad: Estimate;
  /** Shown by more than one window, or by one with a large fall. */
  readonly isConfirmed: boolean;
  readonly trainings: EpisodeTrainings;
  /** The finding that `resolve --as normal` ends it by. Absent for files. */
  readonly finding?: FindingId;
}

/** An episode as stored, with the facts known when it was found. */
export interface StoredEpisode {
  readonly id: number;
  readonly metric: string;
  readonly windowMs: number;
  /** The version that served when it was found. */
  readonly version?: number;
  readonly opened: Instant;
  readonly since: Instant;
  readonly before: ReferenceLevel;
  readonly bad: Estimate;
  readonly isConfirmed: boolean;
  readonly change?: PerformanceChange;
  /** The `now` of the check that found it, and the wall clock. */
  readonly now: Instant;
  readonly foundAt: Instant;
  readonly end?: EpisodeEnd;
}

export const EPISODE_ENDS = ['recovered', 'champion', 'resolved'] as const;

export interface EpisodeEnd {
  /**
   * `recovered`: back at the old level. `champion`: a later version reached it. `resolved`: a person called the new
   * level normal.
   */
  readonly because: (typeof EPISODE_ENDS)[number];
  /** The `now` of the check that saw it, and the wall clock. */
  readonly now: Instant;
  readonly at: Instant;
}

/** An episode for display: with its newest value, its age, and its end. */
export interface WatchedEpisode {
  readonly metric: string;
  readonly episode: PerformanceEpisode;
  readonly end?: EpisodeEnd;
}

/** Evidence on performance while there are no labels. */
export interface WithoutLabels {
  /** Predictions of the window compared with those of the champion's gate. */
  readonly predictionDrift?: {
    readonly verdict: 'drift' | 'stable' | 'undecided';
    readonly score?: number;
    readonly limit?: number;
  };
  /**
   * The metric to expect if similar predictions are as accurate as at the gate (CBPE). For a log alone: as in its
   * earlier rows, or without any label as the probabilities claim. Cannot detect concept drift.
   */
  readonly estimated?: {
    readonly metric: string;
    readonly value: number;
    readonly comparedWith: 'gate' | 'earlier-rows' | 'nothing';
    /** The value at the gate. */
    readonly atGate?: number;
    /** How much worse than at the gate. Negative if better. */
    readonly fall?: number;
  };
}

/** A version's metrics on the test data of the champion's gate. */
export interface EarnedVersion extends VersionRef {
  readonly name: 'champion' | 'previous' | 'first' | 'scratch';
  readonly metrics: Readonly<Record<string, number>>;
}

/** What retraining has earned: the champion against an older version, on the same rows. */
export interface EarnedVerdict extends VersionRef {
  readonly name: 'champion' | 'previous' | 'first' | 'scratch';
  readonly metric: string;
  /** How much better the champion is, in the metric's unit. Negative if it is worse. */
  readonly gain: number;
  /** The interval of 95 % of the gain. Absent without predictions of both. */
  readonly lower?: number;
  readonly upper?: number;
  readonly rows?: number;
  /** Of the champion. `unsure`: the interval holds 0, or there is none. */
  readonly verdict: 'better' | 'worse' | 'unsure';
  /** One sentence. */
  readonly detail: string;
  /** The command that serves the older version, if that is surely better. */
  readonly offer?: string;
}

export interface PerformanceReport {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  readonly undecidedBecause?: string;
  /** One sentence. */
  readonly detail: string;
  readonly metric?: string;
  readonly windowMs: number;
  readonly delayMs: number;
  /** End of the current window: `now` minus the delay of labels. */
  readonly asOf: Instant;
  readonly version?: VersionRef;
  /** Absent while no prediction is old enough to be judged. */
  readonly current?: PerformanceWindow;
  /** When the first prediction can be judged, if none can be yet. */
  readonly dueFrom?: Instant;
  /** Windows on a fixed grid, oldest first. A late label changes the window of its prediction. */
  readonly windows: readonly PerformanceWindow[];
  /** The champion's value when it passed the gate. */
  readonly evidence?: Estimate;
  readonly reference?: number;
  readonly fall?: number;
  readonly limit?: number;
  /** The smallest fall that matters, as declared, and the variation of the metric between windows. */
  readonly drop?: number;
  readonly spread?: number;
  /** All metrics that the current window allows. */
  readonly metrics: Readonly<Record<string, Estimate>>;
  readonly segments: readonly SegmentPerformance[];
  readonly detectors: readonly ErrorAlarms[];
  readonly change?: PerformanceChange;
  /** The open fall, also if the current window cannot be judged. */
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
