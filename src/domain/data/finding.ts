import type { ContentHash, FindingId } from '../ids.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

/** Something wrong with data. The id is derived from pipeline, dataset, code, column and how bad it is, coarsely: it survives a second look. */
export interface Finding {
  readonly id: FindingId;
  /** Stable kebab-case: `missing-column`, `type-changed`, `all-missing`, `out-of-range`, `stale`, `scaled`, `sentinel` … */
  readonly code: string;
  readonly dataset?: string;
  readonly column?: string;
  /**
   * `error` is a fault and holds a retrain; `warning` is only shown. `unclear` may be a fault or a changed world: its column
   * counts as drift, and `on_unclear` of the pipeline decides whether it holds.
   */
  readonly severity: 'error' | 'unclear' | 'warning';
  /** One sentence, with its figures. */
  readonly detail: string;
  /** Rows affected, where they can be counted. */
  readonly rows?: number;
  /** What probably happened upstream. */
  readonly likelyCause?: string;
  /** The repair that would undo it: `divide by 1.609344 (kilometres to miles)`. */
  readonly repair?: string;
  /** SQL that lists the rows, where they can be listed, or the condition that is true for them. */
  readonly sql?: string;
  /** The condition, where `sql` is the whole statement. */
  readonly condition?: string;
  readonly evidence: JsonObject;
  /** Whose rows the condition speaks of; absent where they cannot be told. */
  readonly rowsIn?: FindingRows;
  /** Of an unclear finding: the fault that it may be, and the change of the world that it may be. */
  readonly readings?: readonly Reading[];
  /** What humans have said of findings of this kind in this pipeline. */
  readonly calls?: { readonly answered: number; readonly bugs: number };
}

/** One way to read an unclear finding, and the answer that says so. */
export interface Reading {
  readonly as: 'bug' | 'normal';
  readonly text: string;
  /** The command that answers so; absent where nothing is recorded, as for files given on the command line. */
  readonly command?: string;
}

/** A span of rows; of the finding's own dataset, unless it says otherwise. */
export interface FindingRows {
  readonly since?: Instant;
  readonly until?: Instant;
  /** All datasets that hold these rows: the query's own, and those that it reads them from. */
  readonly datasets?: readonly string[];
  /** Rows of what the `prepare` step makes of the window, which its dataset does not have under these names. */
  readonly isPrepared?: boolean;
}

export interface OutlierColumn {
  readonly name: string;
  readonly method: 'mad' | 'iqr' | 'quantile';
  readonly limit: number;
  readonly action: 'flag' | 'quarantine' | 'cap' | 'fail';
  /** Absent where the values do not show what is unusual. `detail` says why, or that too many lie outside to be outliers. */
  readonly lower?: number;
  readonly upper?: number;
  readonly count: number;
  readonly detail?: string;
}

/** Rows that are unlike the others as a whole. */
export interface RowOutliers {
  readonly method: 'isolation-forest';
  readonly columns: readonly string[];
  /** Scores above it count; from 0 to 1. */
  readonly threshold: number;
  readonly action: 'flag' | 'quarantine' | 'fail';
  readonly count: number;
}

/** What check-data found in one dataset, file or window. */
export interface DataReport {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly dataset?: string;
  readonly rows: number;
  readonly problems: readonly Finding[];
  /** `rows`: those with an outlier in at least one column. */
  readonly outliers: {
    readonly rows: number;
    readonly columns: readonly OutlierColumn[];
    readonly byRow?: RowOutliers;
  };
  /** Rows that the files just written set aside; 0 where none were written. */
  readonly quarantined: number;
  /** Of a dataset: the schema that it was held to, by hand or inferred from the reference's data; its text is in the store. */
  readonly schema?: ContentHash;
  /** The command that writes them apart, where a policy asks for it and no file was named. */
  readonly separateWith?: string;
}
