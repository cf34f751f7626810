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

/** What can be said while no label has arrived. */
export interface WithoutLabels {
  /** Predictions of the window against those of the champion's gate. */
  readonly predictionDrift?: {
    readonly verdict: 'drift' | 'stable' | 'undecided';
    readonly score?: number;
    readonly limit?: number;
  };
  /** What the metric would be, were the probabilities as calibrated as at the gate (CBPE): it cannot see concept drift. */
  readonly estimated?: {
    readonly metric: string;
    readonly value: number;
    readonly atGate: number;
    /** How much worse than at the gate; negative where it is better. */
    readonly fall: number;
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
