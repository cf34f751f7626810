import type { FindingId } from './ids.js';
import type { JsonObject } from './json.js';
import type { Instant } from './time.js';

/** Something wrong with data. The id is derived from pipeline, dataset, code, column and how bad it is, coarsely: it survives a second look. */
export interface Finding {
  readonly id: FindingId;
  /** Stable kebab-case: `missing-column`, `type-changed`, `all-missing`, `out-of-range`, `stale`, `scaled`, `sentinel` … */
  readonly code: string;
  readonly dataset?: string;
  readonly column?: string;
  /** `error` holds a retrain; `warning` is shown. */
  readonly severity: 'error' | 'warning';
  /** One sentence, with its figures. */
  readonly detail: string;
  /** Rows affected, where they can be counted. */
  readonly rows?: number;
  /** What probably happened upstream. */
  readonly likelyCause?: string;
  /** The repair that would undo it: `divide by 1.609344 (kilometres to miles)`. */
  readonly repair?: string;
  /** SQL that lists the rows, where they can be listed. */
  readonly sql?: string;
  readonly evidence: JsonObject;
  /** The span of the dataset's own rows that `sql` speaks of; absent where a step had prepared them. */
  readonly rowsIn?: { readonly since?: Instant; readonly until?: Instant };
  /** What humans have said of findings of this kind in this pipeline. */
  readonly calls?: { readonly answered: number; readonly bugs: number };
}

export interface OutlierColumn {
  readonly name: string;
  readonly method: 'mad' | 'iqr' | 'quantile';
  readonly action: 'flag' | 'quarantine' | 'cap' | 'fail';
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** What check-data found in one dataset, file or window. */
export interface DataReport {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly dataset?: string;
  readonly rows: number;
  readonly problems: readonly Finding[];
  readonly outliers: { readonly rows: number; readonly columns: readonly OutlierColumn[] };
  readonly quarantined: number;
}
