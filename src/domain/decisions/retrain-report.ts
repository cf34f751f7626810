import type { DriftReport } from '../data/drift.js';
import type { DataReport, Finding } from '../data/finding.js';
import type { Failure } from '../failure.js';
import type { AliasMove, Evaluation, GateVerdict, ModelVersion, RollbackTarget } from '../models/model.js';
import type { ServingFinding } from '../models/serving.js';
import type { RunReport } from '../runs/run-report.js';
import type { DecisionOutcome, RetrainDecision } from './decision.js';

/** A run with the version it registered and the verdict on it. */
export interface PipelineResult {
  readonly report: RunReport;
  readonly version?: ModelVersion;
  readonly isNewVersion: boolean;
  /** The version is the champion: the run made nothing new, and the verdict says whether it would pass today. */
  readonly isServing?: boolean;
  /** The version to go back to, if the champion fails the gate and there is one. */
  readonly rollbackTo?: RollbackTarget;
  readonly gate?: GateVerdict;
  /** Of the candidate and of the champion on the same data. */
  readonly evaluations: readonly Evaluation[];
  /** What failed after the steps, usually scoring. */
  readonly failure?: Failure;
  /** Why the champion could not be scored, if the gate refused the candidate for nothing else. */
  readonly unscoredRival?: Failure;
}

export interface RetrainReport {
  /** Without an id for `--dry-run`, which records nothing. */
  readonly decision: Omit<RetrainDecision, 'id'> & { readonly id?: RetrainDecision['id'] };
  /** For a training of a pipeline whose steps can start from the champion. */
  readonly training?: { readonly from: 'zero' | 'champion'; readonly because: string };
  readonly data: readonly DataReport[];
  readonly drift?: DriftReport;
  /** Faults and unclear changes in the data, also in rows that the window has left and the next training would read. */
  readonly findings: readonly Finding[];
  readonly result?: PipelineResult;
  readonly outcome?: DecisionOutcome['outcome'];
  readonly move?: AliasMove;
  /** The published model, relative to the workspace. */
  readonly servedAt?: string;
  /**
   * Why publishing failed after the gate passed. If `move` is given, the version was published and its hooks failed.
   */
  readonly failure?: Failure;
  /** A deploy or verify hook of the version that serves failed, in this promotion or an earlier one, and has not succeeded since. */
  readonly serving?: readonly ServingFinding[];
}
