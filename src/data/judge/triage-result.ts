import type { Finding } from '../../domain/data/finding.js';

export interface Triage {
  /** Data bugs: errors, each with its kind, evidence, repair and the rows. */
  readonly bugs: readonly Finding[];
  /** Faults that a change in the world could also have caused, each with both readings. */
  readonly unclear: readonly Finding[];
  /** Findings that stop nothing: new columns, fewer rows, labels that have not come yet. */
  readonly warnings: readonly Finding[];
}
