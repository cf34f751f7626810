/** What a stream detector says of one more item. After `drift` it has already started afresh. */
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
  /** Of the item that gave the alarm, from 0. */
  readonly index: number;
  /** First item of the unbroken warning that led to the alarm, from 0; absent where it came without one. */
  readonly warning?: number;
}

/** A detector's alarms on a recorded stream, and how they meet the changes that are known to be in it. */
export interface DetectorEvaluation {
  readonly name: DetectorName;
  readonly alarms: readonly Alarm[];
  /** Why the detector was not run: its values must be 0 and 1, or in 0…1. */
  readonly skipped?: string;
  /** Absent where no changes were given. */
  readonly against?: DetectionScore;
}

export interface DetectionScore {
  /** Alarms outside every change's window. */
  readonly falseAlarms: number;
  /** Changes with an alarm in their window. */
  readonly detected: number;
  readonly missed: number;
  /** Items from a change to the first alarm in its window, over the changes found; absent where none was. */
  readonly delayMean?: number;
  /** Items outside all windows for each false alarm; absent where there was none. */
  readonly itemsBetweenFalseAlarms?: number;
  /** Share of the changes that were missed; absent where there were none. */
  readonly missedRate?: number;
  /**
   * Mean time ratio MTFA/MTD·(1 − missed rate) (Bifet 2017): larger is better. Without a false alarm it is a lower bound,
   * reckoned as if the next item had been one. Absent where no changes were.
   */
  readonly mtr?: number;
}

export interface DetectorReport {
  readonly source: string;
  readonly column: string;
  readonly items: number;
  /** Items without a finite value: counted in the index, shown to no detector. */
  readonly missing: number;
  readonly changes?: readonly number[];
  /** Items after a change in which an alarm counts as finding it. */
  readonly window: number;
  readonly detectors: readonly DetectorEvaluation[];
}

export type ChangeForm = 'sudden' | 'gradual' | 'incremental' | 'recurring' | 'blip';

/** A mean of the errors over some items, with its 95 % interval. */
export interface Level {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly items: number;
}

/** The last change in a stream of errors; indices from 0. */
export interface Change {
  readonly form: ChangeForm;
  /** First item of the change, and where it may as well be (95 %). */
  readonly since: { readonly index: number; readonly lower: number; readonly upper: number };
  /** First item after a gradual or incremental change or a blip; absent where it is still under way, and for the others. */
  readonly until?: number;
  readonly before: Level;
  readonly after: Level;
  /** Level of a blip while it lasted. */
  readonly during?: Level;
  /** What came back: a reference by its name, or earlier items of the stream. */
  readonly returnedTo?: { readonly name: string } | { readonly from: number; readonly to: number };
}

/** `real`: P(y|x) moved; `virtual`: P(x) did and P(y|x) did not; `prior`: P(y) did and P(x|y) did not. */
export type ChangeKind = 'real' | 'virtual' | 'prior' | 'none' | 'unclear';
