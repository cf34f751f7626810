import type { Finding } from './finding.js';
import type { VersionRef } from './model.js';
import type { Instant } from './time.js';

export type DriftVerdict = 'drift' | 'stable' | 'undecided';

/** One column of the current window against the reference. */
export interface FeatureDrift {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly role: 'feature' | 'label' | 'prediction';
  readonly method: string;
  /** The distance; absent when it could not be computed. Never NaN. */
  readonly score?: number;
  /** The distance beyond which it counts as drift, for these row counts. */
  readonly threshold?: number;
  readonly pValue?: number;
  /** `finding`: a data bug, named in `dataBugs`. */
  readonly verdict: DriftVerdict | 'finding';
  /** Why undecided, or the sentence a person can act on. */
  readonly detail?: string;
}

export interface WindowSummary {
  readonly rows: number;
  /** Of the time column, where there is one. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** `champion flights-delay@3`, `run 2026…`, a file. */
  readonly source: string;
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
  readonly segments: readonly { readonly name: string; readonly value: string; readonly verdict: DriftVerdict }[];
  readonly nearestVersion?: VersionRef;
}
