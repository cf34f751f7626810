import type { Check } from '../check.js';
import type { Emit } from '../events.js';
import type { Failure } from '../failure.js';
import type { Diagnostic } from '../pipeline/diagnostic.js';
import type { View } from '../view.js';

/** The output of a command: results to stdout, progress and problems to stderr. */
export interface Output {
  readonly emit: Emit;
  readonly show: (command: string, view: View) => void;
  /** Writes a piece of logs to stdout. Resolves when it is written, to `false` if the reader has gone. */
  readonly writeLog: (bytes: Uint8Array) => Promise<boolean>;
  readonly fail: (failure: Failure) => void;
  /** Marks the checks that failed where a CI system shows them: as errors if the command failed, else as warnings. */
  readonly conclude: (checks: readonly Check[], isFailed: boolean) => void;
  readonly warn: (diagnostics: readonly Diagnostic[]) => void;
}
