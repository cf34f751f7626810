/** What `gc` keeps besides the served version, versions to roll back to, and reusable results. */
export interface Retention {
  /** How many of the newest versions of each model. */
  readonly versions: number;
  /** Runs, versions and logs of the last days. */
  readonly days: number;
  /** Versions by name, such as `churn@3`. */
  readonly keep: readonly string[];
}

export const DEFAULT_RETENTION: Retention = { versions: 10, days: 90, keep: [] };
