import type { Instant } from '../support/time.js';

export const DATED_FORMS = ['sudden', 'gradual', 'incremental', 'recurring'] as const;

/** A change of the world, as a verdict dated it. */
export interface DatedChange {
  readonly verdict: 'drift' | 'performance';
  /** The column that moved, or the metric that fell. */
  readonly subject: string;
  readonly form: (typeof DATED_FORMS)[number];
  /** It began between these two. All rows at or after `latest` are from after it. */
  readonly earliest: Instant;
  readonly latest: Instant;
  /** When a gradual or incremental change was complete. Absent while it is under way, and for other forms. */
  readonly complete?: Instant;
}

export const WINDOW_REASONS = ['fixed', 'change', 'min', 'max', 'no-change'] as const;

/** The rows of a dataset that a training reads, and why those. */
export interface TrainingWindow {
  readonly dataset: string;
  /** Absent: from the first row on. */
  readonly from?: Instant;
  readonly until: Instant;
  /**
   * `change`: since the last change. `min`: the change is younger than the shortest window, or still under way. `max`: it is
   * older than the longest window. `no-change`: no verdict has dated one. `fixed`: the file says the length.
   */
  readonly because: (typeof WINDOW_REASONS)[number];
  readonly change?: DatedChange;
  /** One sentence. */
  readonly detail: string;
}

/** What a decision knew about changes, and the windows that it chose. */
export interface DecidedWindows {
  readonly changes: readonly DatedChange[];
  readonly windows: readonly TrainingWindow[];
}
