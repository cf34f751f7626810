/**
 * One thing that a command has judged, for systems that count tests and mark lines of files: annotations of GitHub Actions, JUnit.
 */
export interface Check {
  /** What it belongs to: `churn: gate`, `churn: data`. */
  readonly group: string;
  readonly name: string;
  /** `skipped`: it does not apply, or could not be judged. */
  readonly outcome: 'pass' | 'fail' | 'skipped';
  /** One sentence. */
  readonly detail: string;
  /** The lines of the user's file that it is about. The path is workspace-relative. */
  readonly at?: { readonly file: string; readonly line: number };
  /** A failure or a diagnostic has said it already, so it gets no annotation of its own. */
  readonly isTold?: boolean;
  readonly durationMs?: number;
}
