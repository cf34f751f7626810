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

/** A score of both versions. `interval`: 95 % of after minus before, from predictions of the same rows. */
export interface ScoreDifference extends Difference<number> {
  readonly interval?: { readonly lower: number; readonly upper: number; readonly rows: number };
  /** Why there is no interval. */
  readonly withoutInterval?: string;
}

export interface ScoreComparison {
  /** Whether both versions were scored on the same data. Otherwise a difference may come from the data. */
  readonly isSameData: boolean;
  readonly scores: readonly ScoreDifference[];
}
