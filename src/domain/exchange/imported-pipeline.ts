import type { Diagnostic } from '../pipeline/diagnostic.js';

/** Another system's pipeline, converted to the text of a refit pipeline. No text if the notes contain an error. */
export interface ImportedPipeline {
  readonly text?: string;
  readonly steps: readonly string[];
  /** What was not converted or differs slightly, each at its place in the original file. */
  readonly notes: readonly Diagnostic[];
}

export interface ImportSource {
  /** As named in notes, relative to the workspace. */
  readonly file: string;
  readonly text: string;
  readonly name: string;
  /** Reads a file that the original refers to. `undefined` if it does not exist. */
  readonly read: (path: string) => Promise<string | undefined>;
}
