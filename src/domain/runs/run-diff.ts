import type { TableProfile } from '../data/profile.js';
import type { Evaluation, GateVerdict, ModelVersion } from '../models/model.js';
import type { ArtifactUse } from './artifact.js';
import type { Run, StepExecution } from './run.js';

/** One of the two runs that are compared, with what belongs to it. */
export interface ComparedRun {
  /** As the user named it. */
  readonly name: string;
  readonly run: Run;
  readonly version?: ModelVersion;
  readonly executions: readonly StepExecution[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
}

/** One thing that is not the same on both sides; a side that does not have it is absent. */
export interface Difference<T> {
  readonly name: string;
  readonly before?: T;
  readonly after?: T;
}

/** A file of code or configuration that differs. */
export interface CodeDifference extends Difference<string> {
  /** Unified; empty where neither git nor the workspace nor the store has the texts any more. */
  readonly lines: readonly string[];
}

export interface DataDifference extends Difference<ArtifactUse> {
  readonly kind: 'dataset' | 'input' | 'output';
  /** Where both are tables whose bytes are still there. */
  readonly profiles?: { readonly before: TableProfile; readonly after: TableProfile };
}
