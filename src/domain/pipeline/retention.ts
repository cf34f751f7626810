/** What `gc` keeps besides what serves, what may be rolled back to, and what is remembered. */
export interface Retention {
  /** Newest versions of every model. */
  readonly versions: number;
  /** Runs, versions and logs of the last days. */
  readonly days: number;
  /** Versions by name, `churn@3`. */
  readonly keep: readonly string[];
}

export const DEFAULT_RETENTION: Retention = { versions: 10, days: 90, keep: [] };
