import type { DriftReport } from '../../domain/data/drift.js';
import type { PipelineName } from '../../domain/ids.js';
import type { Run } from '../../domain/runs/run.js';
import type { ComparedRun } from '../../domain/runs/run-diff.js';
import type { Instant } from '../../domain/support/time.js';
import type { RunDiff } from '../../lineage/views/diff-view.js';

/** How the data of one training differs from that of another, or why nobody knows. */
export type TrainingDrift =
  | { readonly kind: 'report'; readonly report: DriftReport }
  | { readonly kind: 'same' }
  | { readonly kind: 'unknown'; readonly why: string };

/** Metrics and scores of one run. */
export interface MetricHistory {
  readonly run: string;
  readonly at: Instant;
  readonly values: Readonly<Record<string, number>>;
}

export type ComparedPipeline =
  /** No run of the revision is in the registry. */
  | { readonly kind: 'no-base'; readonly pipeline: PipelineName }
  /** The working tree has no run of its own. */
  | {
      readonly kind: 'no-run';
      readonly pipeline: PipelineName;
      readonly before: ComparedRun;
      readonly commitsBack: number;
    }
  | Comparison;

export interface Comparison {
  readonly kind: 'compared';
  readonly pipeline: PipelineName;
  /** How many commits the run's commit lies before the revision. */
  readonly commitsBack: number;
  /** Whether the run is of the commit that is checked out. */
  readonly isOfHead: boolean;
  /** The newest run, if another one stands for the working tree. */
  readonly newer?: Run;
  readonly diff: RunDiff;
  readonly drift: TrainingDrift;
  readonly history: readonly MetricHistory[];
}

export interface Compared {
  /** The revision, run or version as it was given. */
  readonly name: string;
  readonly commit?: string;
  readonly head?: string;
  readonly pipelines: readonly ComparedPipeline[];
}
