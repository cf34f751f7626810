import type { Emit } from '../events.js';
import type { Failure } from '../failure.js';
import type { Diagnostic } from '../pipeline/diagnostic.js';
import type { View } from '../view.js';

/** The output of a command: results to stdout, progress and problems to stderr. */
export interface Output {
  readonly emit: Emit;
  readonly show: (command: string, view: View) => void;
  /** Writes bytes of a result unchanged. Resolves when they are written, to `false` if the reader has gone. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  readonly fail: (failure: Failure) => void;
  readonly warn: (diagnostics: readonly Diagnostic[]) => void;
}
