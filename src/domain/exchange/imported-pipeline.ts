import type { Diagnostic } from '../pipeline/diagnostic.js';

/** A pipeline of another system, as the text of one of refit's; none where an error among the notes forbids it. */
export interface ImportedPipeline {
  readonly text?: string;
  readonly steps: readonly string[];
  /** What could not be carried over, or is not quite the same, each at its place in the file that was read. */
  readonly notes: readonly Diagnostic[];
}

export interface ImportSource {
  /** As notes name it; workspace-relative. */
  readonly file: string;
  readonly text: string;
  readonly name: string;
  /** Of a file that the one read refers to; `undefined` where there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
}
