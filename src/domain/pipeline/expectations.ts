import type { WorkspacePath } from '../ids.js';

/** Conditions that must hold after a step. Otherwise it fails. */
export interface Expectations {
  /** Limits for the last value of each metric. A missing metric fails. */
  readonly metrics: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  readonly outputs: readonly ExpectedOutput[];
}

export interface ExpectedOutput {
  /** Name or path, as in the file. */
  readonly key: string;
  readonly path: WorkspacePath;
  /** `false`: explicitly allowed to be empty. */
  readonly isNotEmpty?: boolean;
  /** Of a file's bytes. For a folder, its content hash. */
  readonly sha256?: string;
}
