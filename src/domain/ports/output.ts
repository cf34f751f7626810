import type { Emit } from '../events.js';
import type { Failure } from '../failure.js';
import type { Diagnostic } from '../pipeline/diagnostic.js';
import type { View } from '../view.js';

/** Where a command's words go: results to stdout, progress and problems to stderr. */
export interface Output {
  readonly emit: Emit;
  readonly show: (command: string, view: View) => void;
  /** Bytes of a result, as they are. Resolves when they are out, to `false` when nobody reads any more. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  readonly fail: (failure: Failure) => void;
  readonly warn: (diagnostics: readonly Diagnostic[]) => void;
}
