import type { Finding } from '../../domain/data/finding.js';

export interface Triage {
  /** Data bugs: errors, each with its kind, evidence, repair and the rows. */
  readonly bugs: readonly Finding[];
  /** Faults that the world could have made as well, each with both readings. */
  readonly unclear: readonly Finding[];
  /** What is worth a word and holds nothing: new columns, fewer rows, a label that has not come. */
  readonly warnings: readonly Finding[];
}
