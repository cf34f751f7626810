import type { DriftReport } from '../data/drift.js';
import type { DataReport } from '../data/finding.js';
import type { Failure } from '../failure.js';
import type { AliasMove, Evaluation, GateVerdict, ModelVersion } from '../models/model.js';
import type { RunReport } from '../runs/run-report.js';
import type { DecisionOutcome, RetrainDecision } from './decision.js';

/** A run with what it registered and how that was judged. */
export interface PipelineResult {
  readonly report: RunReport;
  readonly version?: ModelVersion;
  readonly isNewVersion: boolean;
  readonly gate?: GateVerdict;
  /** Of the candidate, and of the champion on the same data. */
  readonly evaluations: readonly Evaluation[];
  /** What went wrong after the steps: scoring, mostly. */
  readonly failure?: Failure;
}

export interface RetrainReport {
  /** Without an id under `--dry-run`: nothing was recorded. */
  readonly decision: Omit<RetrainDecision, 'id'> & { readonly id?: RetrainDecision['id'] };
  readonly data: readonly DataReport[];
  readonly drift?: DriftReport;
  readonly result?: PipelineResult;
  readonly outcome?: DecisionOutcome['outcome'];
  readonly move?: AliasMove;
  /** Why publishing did not happen, or with `move` did not hold up, though the gate passed. */
  readonly failure?: Failure;
}
