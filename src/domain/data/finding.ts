import type { ContentHash, FindingId } from '../ids.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { RowSelection } from './row-selection.js';

/**
 * Something wrong with data. The id is derived from pipeline, dataset, code, column and rough severity, so the same
 * finding gets the same id again.
 */
export interface Finding {
  readonly id: FindingId;
  /**
   * Stable kebab-case code: `missing-column`, `type-changed`, `all-missing`, `out-of-range`, `stale`, `scaled`,
   * `sentinel` …
   */
  readonly code: string;
  readonly dataset?: string;
  readonly column?: string;
  /**
   * `error` is a fault and holds a retrain. `warning` is only shown. `unclear` may be a fault or a changed world: its
   * column counts as drift, and the pipeline's `on_unclear` decides whether it holds.
   */
  readonly severity: 'error' | 'unclear' | 'warning';
  /** One sentence with figures. */
  readonly detail: string;
  /** Number of affected rows, if they can be counted. */
  readonly rows?: number;
  /** The probable cause upstream. */
  readonly likelyCause?: string;
  /** The repair that would undo it: `divide by 1.609344 (kilometres to miles)`. */
  readonly repair?: string;
  /** The affected rows. Absent if a row alone does not show that it is one of them. */
  readonly selects?: RowSelection;
  /** SQL for people: a statement that lists the rows, or a condition that is true for them. refit never runs it. */
  readonly sql?: string;
  /** Only in findings of older registries: the condition, if `sql` is the whole statement. */
  readonly condition?: string;
  readonly evidence: JsonObject;
  /** The rows that the condition is about. Absent if unknown. */
  readonly rowsIn?: FindingRows;
  /**
   * End of the last window in which a retrain saw it. A window that has moved on no longer shows it, but its rows may
   * still be in the data that the next training reads.
   */
  readonly seen?: Instant;
  /** For an unclear finding: the possible fault and the possible change of the world. */
  readonly readings?: readonly Reading[];
  /** How people have answered findings of this kind in this pipeline. */
  readonly calls?: { readonly answered: number; readonly bugs: number };
  /** What a person called this finding. It stays open until the next check of the data, which leaves its rows out where it can. */
  readonly answer?: 'bug';
}

/** The rows that an answer to a finding concerns, also those of a finding that an older version stored. */
export function selectedRows({ selects, condition, sql, column }: Finding): RowSelection | undefined {
  const text = condition ?? sql;
  return selects ?? (text === undefined ? undefined : { kind: 'text', sql: text, column });
}

/** One reading of an unclear finding, with the answer for it. */
export interface Reading {
  readonly as: 'bug' | 'normal';
  readonly text: string;
  /** The command that gives this answer. Absent if nothing is recorded, as for files on the command line. */
  readonly command?: string;
}

/** A span of rows, in the finding's own dataset unless `datasets` is given. */
export interface FindingRows {
  readonly since?: Instant;
  readonly until?: Instant;
  /** All datasets with these rows: the query itself and the datasets that it reads. */
  readonly datasets?: readonly string[];
  /** Rows in the output of the `prepare` step. The dataset does not have them under these names. */
  readonly isPrepared?: boolean;
}

export interface OutlierColumn {
  readonly name: string;
  readonly method: 'mad' | 'iqr' | 'quantile';
  readonly limit: number;
  readonly action: 'flag' | 'quarantine' | 'cap' | 'fail';
  /**
   * Absent if the values do not show what is unusual. `detail` says why, or that too many rows lie outside to be
   * outliers.
   */
  readonly lower?: number;
  readonly upper?: number;
  readonly count: number;
  readonly detail?: string;
}

/** Rows that are unusual as a whole. */
export interface RowOutliers {
  readonly method: 'isolation-forest';
  readonly columns: readonly string[];
  /** Higher scores count as outliers. 0…1. */
  readonly threshold: number;
  readonly action: 'flag' | 'quarantine' | 'fail';
  readonly count: number;
}

/** The result of check-data for one dataset, file or window. */
export interface DataReport {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly dataset?: string;
  readonly rows: number;
  readonly problems: readonly Finding[];
  /** `rows`: rows with an outlier in at least one column. */
  readonly outliers: {
    readonly rows: number;
    readonly columns: readonly OutlierColumn[];
    readonly byRow?: RowOutliers;
  };
  /** Rows that were set aside in the files written. 0 if none were written. */
  readonly quarantined: number;
  /**
   * For a dataset: the schema it was checked against, written by hand or inferred from the reference's data. Its text
   * is in the store.
   */
  readonly schema?: ContentHash;
  /** The command that writes them to separate files, if a policy asks for it and no file was named. */
  readonly separateWith?: string;
}
