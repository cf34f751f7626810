import type { VersionRef } from '../models/model.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { Finding } from './finding.js';
import type { NamedEvent } from './named-event.js';
import type { TableProfile } from './profile.js';

export type DriftVerdict = 'drift' | 'stable' | 'undecided';

/** A cell of a column (a span of numbers, a value, `missing`, `other`) whose share of all rows moved, 0…1. */
export interface MovedCell {
  readonly cell: string;
  readonly before: number;
  readonly after: number;
}

/** One value of a segment column, judged by itself. */
export interface SegmentDrift {
  readonly name: string;
  readonly value: string;
  readonly verdict: DriftVerdict;
  /** Rows of the current window. */
  readonly rows: number;
  /** Columns that drift in it. */
  readonly drifted: readonly string[];
  readonly detail?: string;
}

/** Where in the window a column's change begins, and ends where it does before the window's end. */
export interface Onset {
  /** `file`, `midnight`: exactly there. `inside`: at no such boundary. `gradual`: it grew. `whole-window`: no part differs. */
  readonly kind: 'file' | 'midnight' | 'inside' | 'gradual' | 'whole-window';
  readonly from?: Instant;
  readonly until?: Instant;
  /** The file that begins there. */
  readonly file?: string;
}

/** The step or dataset that a column comes from, and what changed on its way since the reference was made. */
export interface Upstream {
  /** The step that made the column; absent where a dataset has it. */
  readonly step?: string;
  readonly dataset?: string;
  /** Steps that handed it on, from the origin to the window. */
  readonly through: readonly string[];
  /** Commands and code files that differ. */
  readonly changed: readonly string[];
}

/** What goes for a broken pipeline or for a changed world beside the column's own values. */
export interface ColumnContext {
  readonly onset?: Onset;
  readonly upstream?: Upstream;
  /** With the column that it went together with most; Spearman's, −1…1. */
  readonly correlation?: {
    readonly with: string;
    readonly before: number;
    readonly after: number;
    readonly isBroken: boolean;
  };
}

/** How a column came here, by the stored windows of earlier checks. */
export interface ColumnTrace {
  /** End of the last window before the change. */
  readonly since?: Instant;
  /** Distance between the first stored window and the current one, 0…1. */
  readonly magnitude: number;
  /** Sum of the distances from window to window; near the magnitude for a trend, much more where it goes to and fro. */
  readonly pathLength: number;
  readonly movement: 'trend' | 'oscillation';
}

/** An earlier version by how close its training data is to the current window; mean distances of columns, 0…1. */
interface NearestVersion extends VersionRef {
  readonly distance: number;
  readonly championDistance: number;
  /** By so much that going back to it may serve better than training anew. */
  readonly isClearlyCloser: boolean;
}

/** One column of the current window against the reference. */
export interface FeatureDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly role: 'feature' | 'label' | 'prediction';
  /** The distance judged by: a method's name, or `value_ratio`, `missing_share` or `unseen_share` where that moved. */
  readonly method: string;
  /** The distance; absent when it could not be computed. Never NaN. */
  readonly score?: number;
  /** The distance beyond which it counts as drift, for these row counts. */
  readonly threshold?: number;
  /** The distance in the column's own unit, for methods that have one. */
  readonly unscaled?: number;
  readonly pValue?: number;
  /** Corrected for the number of columns (Benjamini–Hochberg). */
  readonly adjustedPValue?: number;
  /** Where it drifts: the cells that moved, largest first. */
  readonly moved?: readonly MovedCell[];
  /** `finding`: a data bug, named in `dataBugs`. `unclear`: a fault or a changed world, named in `unclear`. */
  readonly verdict: DriftVerdict | 'finding' | 'unclear';
  /** Of an undecided column. `blind`: no window could exceed its limit. */
  readonly undecidedBecause?: 'too-few-rows' | 'types-differ' | 'too-sparse' | 'blind';
  /** Why undecided, or the sentence a person can act on. */
  readonly detail?: string;
  /** Of a drifting column, where enough windows are stored. */
  readonly trace?: ColumnTrace;
  /** Of one that drifts or is a finding, as far as it is known. */
  readonly context?: ColumnContext;
}

/** Whether the column has moved: an unclear one has, whatever moved it. */
export const hasMoved = ({ verdict }: Pick<FeatureDrift, 'verdict'>): boolean =>
  verdict === 'drift' || verdict === 'unclear';

export interface WindowSummary {
  readonly rows: number;
  /** Of the time column, where there is one. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** `champion flights-delay@3`, `run 2026…`, a file. */
  readonly source: string;
}

/** Whether a classifier can tell the windows apart, by all columns at once. */
export interface ClassifierDrift {
  readonly verdict: DriftVerdict;
  /** Held-out; 0.5 where nothing tells them apart. */
  readonly auc?: number;
  readonly threshold?: number;
  readonly pValue?: number;
  /** By their share in telling the windows apart, largest first. */
  readonly columns: readonly { readonly name: string; readonly share: number }[];
  /** Rows of the current window that look least like the reference, in those columns. */
  readonly examples: readonly JsonObject[];
}

export interface DriftReport {
  /** About the columns that are no findings. */
  readonly verdict: DriftVerdict;
  /** Why nothing could be judged: `no-reference`, `too-few-rows` … with what is missing. */
  readonly undecidedBecause?: string;
  readonly reference?: WindowSummary;
  readonly current?: WindowSummary;
  readonly features: readonly FeatureDrift[];
  readonly drifted: number;
  /** Columns that could be judged. */
  readonly total: number;
  readonly dataBugs: readonly Finding[];
  /** Columns that have moved as a fault and as the world could have moved them, each with both readings. */
  readonly unclear: readonly Finding[];
  /** Findings that are no data bugs: columns that came in … */
  readonly warnings: readonly Finding[];
  readonly segments: readonly SegmentDrift[];
  /** Where it was asked for. */
  readonly classifier?: ClassifierDrift;
  /** Those that the current window has rows of. */
  readonly events?: readonly NamedEvent[];
  readonly nearestVersion?: NearestVersion;
  /** Compact profile of the current window, to be stored for later checks. */
  readonly window?: TableProfile;
  /** One sentence on what the verdict does not say: segments that drift, a version to go back to. */
  readonly detail?: string;
}
