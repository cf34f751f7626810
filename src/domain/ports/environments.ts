import type { EnvironmentRef } from '../pipeline/pipeline.js';
import type { Result } from '../support/result.js';

/** A Python or conda environment on this machine. */
export interface FoundEnvironment {
  /** Absolute folder of its programs, which comes first on the PATH. */
  readonly programs: string;
  /** Variables that its own activation would set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Package name to version; `python` is the interpreter. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Why an environment cannot be used, and what creates it. */
export interface EnvironmentFault {
  readonly reason: string;
  readonly next: string;
}

/** The environments that pipelines name. Reads files only and starts nothing. */
export interface Environments {
  readonly find: (declared: EnvironmentRef) => Result<FoundEnvironment, EnvironmentFault>;
}
