import type { VersionRef } from '../models/model.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { Finding } from './finding.js';
import type { NamedEvent } from './named-event.js';
import type { TableProfile } from './profile.js';

export type DriftVerdict = 'drift' | 'stable' | 'undecided';

/** A cell of a column (a range of numbers, a value, `missing`, `other`) whose share of all rows changed, 0…1. */
export interface MovedCell {
  readonly cell: string;
  readonly before: number;
  readonly after: number;
}

/** One value of a segment column, judged alone. */
export interface SegmentDrift {
  readonly name: string;
  readonly value: string;
  readonly verdict: DriftVerdict;
  /** Rows in the current window. */
  readonly rows: number;
  /** Columns that drift in this segment. */
  readonly drifted: readonly string[];
  readonly detail?: string;
}

/** Where a column's change begins in the window, and where it ends if that is before the window's end. */
export interface Onset {
  /**
   * `file`, `midnight`: exactly at that boundary. `inside`: at neither. `gradual`: it grew. `whole-window`: no part
   * differs from the rest.
   */
  readonly kind: 'file' | 'midnight' | 'inside' | 'gradual' | 'whole-window';
  readonly from?: Instant;
  readonly until?: Instant;
  /** The file that begins there. */
  readonly file?: string;
}

/** The step or dataset that a column comes from, and what changed on the way since the reference was made. */
export interface Upstream {
  /** The step that made the column. Absent if it comes from a dataset. */
  readonly step?: string;
  readonly dataset?: string;
  /** Steps that passed it on, from the origin to the window. */
  readonly through: readonly string[];
  /** Commands and code files that differ. */
  readonly changed: readonly string[];
}

/** Evidence for a data bug or for a changed world besides the column's own values. */
export interface ColumnContext {
  readonly onset?: Onset;
  readonly upstream?: Upstream;
  /** Spearman correlation, −1…1, with the column that it correlated with most. */
  readonly correlation?: {
    readonly with: string;
    readonly before: number;
    readonly after: number;
    readonly isBroken: boolean;
  };
}

/** The history of a column in the stored windows of earlier checks. */
export interface ColumnTrace {
  /** End of the last window before the change. */
  readonly since?: Instant;
  /** Distance between the first stored window and the current one, 0…1. */
  readonly magnitude: number;
  /** Sum of the distances from window to window. Close to the magnitude for a trend, much larger for an oscillation. */
  readonly pathLength: number;
  readonly movement: 'trend' | 'oscillation';
}

/** An earlier version whose training data is close to the current window. Distances are means over columns, 0…1. */
interface NearestVersion extends VersionRef {
  readonly distance: number;
  readonly championDistance: number;
  /** So much closer that a rollback may serve better than a new training. */
  readonly isClearlyCloser: boolean;
}

/** One column of the current window compared with the reference. */
export interface FeatureDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly role: 'feature' | 'label' | 'prediction';
  /**
   * The distance that decided: a method's name, or `value_ratio`, `missing_share` or `unseen_share` if that one moved.
   */
  readonly method: string;
  /** The distance. Absent if it could not be computed. Never NaN. */
  readonly score?: number;
  /** The distance above which it counts as drift with these row counts. */
  readonly threshold?: number;
  /** The distance in the column's own unit, for methods that have one. */
  readonly unscaled?: number;
  readonly pValue?: number;
  /** Corrected for the number of columns (Benjamini–Hochberg). */
  readonly adjustedPValue?: number;
  /** For drift: the cells that moved, largest first. */
  readonly moved?: readonly MovedCell[];
  /** `finding`: a data bug, listed in `dataBugs`. `unclear`: a data bug or a changed world, listed in `unclear`. */
  readonly verdict: DriftVerdict | 'finding' | 'unclear';
  /** For an undecided column. `blind`: no window could exceed its limit. */
  readonly undecidedBecause?: 'too-few-rows' | 'types-differ' | 'too-sparse' | 'blind';
  /** Why it is undecided, or a sentence that a person can act on. */
  readonly detail?: string;
  /** It moved during an event that was declared as expected. The verdict is about the other rows. */
  readonly isExpected?: boolean;
  /** It differs from the whole reference, and not from these same weeks of an earlier year. */
  readonly season?: { readonly since: Instant; readonly until: Instant };
  /** For a drifting column, if enough windows are stored. */
  readonly trace?: ColumnTrace;
  /** For drift and findings, as far as known. */
  readonly context?: ColumnContext;
}

/** Whether the column has moved, for whatever reason. Includes unclear ones. */
export const hasMoved = ({ verdict }: Pick<FeatureDrift, 'verdict'>): boolean =>
  verdict === 'drift' || verdict === 'unclear';

export interface WindowSummary {
  readonly rows: number;
  /** From the time column, if there is one. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** `champion flights-delay@3`, `run 2026…`, or a file. */
  readonly source: string;
  /** Of a pipeline's reference: what the monitor chose. */
  readonly of?: 'champion' | 'season' | 'last' | 'version';
}

/** Whether a classifier can tell the windows apart by all columns together. */
export interface ClassifierDrift {
  readonly verdict: DriftVerdict;
  /** On held-out rows. 0.5 means that the windows cannot be told apart. */
  readonly auc?: number;
  readonly threshold?: number;
  readonly pValue?: number;
  /** By their contribution to telling the windows apart, largest first. */
  readonly columns: readonly { readonly name: string; readonly share: number }[];
  /** Rows of the current window that look least like the reference, with those columns. */
  readonly examples: readonly JsonObject[];
}

export interface DriftReport {
  /** Verdict on the columns that are not findings. */
  readonly verdict: DriftVerdict;
  /** Why nothing could be judged, with what is missing: `no-reference`, `too-few-rows` … */
  readonly undecidedBecause?: string;
  readonly reference?: WindowSummary;
  readonly current?: WindowSummary;
  readonly features: readonly FeatureDrift[];
  readonly drifted: number;
  /** Columns that could be judged. */
  readonly total: number;
  readonly dataBugs: readonly Finding[];
  /** Columns that a fault or a changed world could have moved, with both readings. */
  readonly unclear: readonly Finding[];
  /** Findings that are not data bugs, such as new columns. */
  readonly warnings: readonly Finding[];
  readonly segments: readonly SegmentDrift[];
  /** If requested. */
  readonly classifier?: ClassifierDrift;
  /** Events that cover rows of the current window. */
  readonly events?: readonly NamedEvent[];
  readonly nearestVersion?: NearestVersion;
  /** The profiles that were compared, if they are to be drawn. */
  readonly compared?: { readonly reference: TableProfile; readonly current: TableProfile };
  /** Compact profile of the current window, stored for later checks. */
  readonly window?: TableProfile;
  /** One sentence on what the verdict leaves out: drifting segments, a version to roll back to. */
  readonly detail?: string;
}
