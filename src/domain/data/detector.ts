/** A stream detector's verdict on one more item. After `drift` it has restarted. */
export type Signal = 'stable' | 'warning' | 'drift';

export const DETECTOR_NAMES = [
  'ensemble',
  'adwin',
  'page-hinkley',
  'page-hinkley-standardised',
  'ddm',
  'eddm',
  'hddm-a',
  'hddm-w',
  'fhddm',
] as const;

export type DetectorName = (typeof DETECTOR_NAMES)[number];

export interface Alarm {
  /** Index of the item that raised the alarm, from 0. */
  readonly index: number;
  /** First item of the unbroken warning before the alarm, from 0. Absent if there was no warning. */
  readonly warning?: number;
}

/** A detector's alarms on a recorded stream, compared with the known changes in it. */
export interface DetectorEvaluation {
  readonly name: DetectorName;
  readonly alarms: readonly Alarm[];
  /** Why the detector was not run: its values must be 0 and 1, or in 0…1. */
  readonly skipped?: string;
  /** Absent if no changes were given. */
  readonly against?: DetectionScore;
}

export interface DetectionScore {
  /** Alarms outside the windows of all changes. */
  readonly falseAlarms: number;
  /** Changes with an alarm in their window. */
  readonly detected: number;
  readonly missed: number;
  /**
   * Mean number of items from a change to the first alarm in its window, over the changes found. Absent if none was
   * found.
   */
  readonly delayMean?: number;
  /** Items outside all windows for each false alarm. Absent without a false alarm. */
  readonly itemsBetweenFalseAlarms?: number;
  /** Share of the changes that were missed. Absent if there were no changes. */
  readonly missedRate?: number;
  /**
   * Mean time ratio MTFA/MTD·(1 − missed rate) (Bifet 2017): larger is better. Without a false alarm it is a lower
   * bound, computed as if the next item had been one. Absent if there were no changes.
   */
  readonly mtr?: number;
}

export interface DetectorReport {
  readonly source: string;
  readonly column: string;
  readonly items: number;
  /** Items without a finite value. They count in the index, but no detector sees them. */
  readonly missing: number;
  readonly changes?: readonly number[];
  /** Number of items after a change within which an alarm counts as detection. */
  readonly window: number;
  readonly detectors: readonly DetectorEvaluation[];
}

export type ChangeForm = 'sudden' | 'gradual' | 'incremental' | 'recurring' | 'blip';

/** Mean error over some items, with its 95 % interval. */
export interface Level {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly items: number;
}

/** The last change in a stream of errors; indices from 0. */
export interface Change {
  readonly form: ChangeForm;
  /** First item of the change, with its 95 % interval. */
  readonly since: { readonly index: number; readonly lower: number; readonly upper: number };
  /** First item after a gradual or incremental change or a blip. Absent while it lasts, and for other forms. */
  readonly until?: number;
  readonly before: Level;
  readonly after: Level;
  /** Level of a blip while it lasted. */
  readonly during?: Level;
  /** The level that came back: a named reference, or earlier items of the stream. */
  readonly returnedTo?: { readonly name: string } | { readonly from: number; readonly to: number };
}

/** `real`: P(y|x) changed. `virtual`: P(x) changed, P(y|x) did not. `prior`: P(y) changed, P(x|y) did not. */
export type ChangeKind = 'real' | 'virtual' | 'prior' | 'none' | 'unclear';
