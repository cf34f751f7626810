import type { TableProfile } from '../data/profile.js';
import type { Evaluation, GateVerdict, ModelVersion } from '../models/model.js';
import type { ArtifactUse } from './artifact.js';
import type { Run, StepExecution } from './run.js';

/** One of two compared runs, with its facts. */
export interface ComparedRun {
  /** The name that the user gave. */
  readonly name: string;
  readonly run: Run;
  readonly version?: ModelVersion;
  readonly executions: readonly StepExecution[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
}

/** One difference between the two sides. A side without the value is absent. */
export interface Difference<T> {
  readonly name: string;
  readonly before?: T;
  readonly after?: T;
}

/** A file of code or configuration that differs. */
export interface CodeDifference extends Difference<string> {
  /** Unified diff. Empty if neither git, the workspace nor the store has the texts any more. */
  readonly lines: readonly string[];
}

export interface DataDifference extends Difference<ArtifactUse> {
  readonly kind: 'dataset' | 'input' | 'output';
  /** If both are tables and their bytes still exist. */
  readonly profiles?: { readonly before: TableProfile; readonly after: TableProfile };
}
