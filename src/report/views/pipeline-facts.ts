import type { DriftReport } from '../../domain/data/drift.js';
import type { NamedEvent } from '../../domain/data/named-event.js';
import type { PerformanceReport, StoredEpisode } from '../../domain/data/performance.js';
import type { TableProfile } from '../../domain/data/profile.js';
import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { Failure } from '../../domain/failure.js';
import type { DeliveryFacts } from '../../domain/models/delivery.js';
import type { AliasMove, GateVerdict } from '../../domain/models/model.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { FindingAnswer } from '../../domain/ports/records/data-records.js';
import type { LineageGraph } from '../../domain/runs/lineage.js';
import type { Run, StepExecution } from '../../domain/runs/run.js';
import type { Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import type { PipelineStatus } from '../../status/views/pipeline-status.js';

/** Everything that the report of a pipeline shows. What could not be measured has its failure instead. */
export interface PipelineFacts {
  readonly pipeline: Pipeline;
  readonly when: When;
  readonly status: PipelineStatus;
  /** Oldest first. */
  readonly decisions: readonly { readonly decision: RetrainDecision; readonly outcome?: DecisionOutcome }[];
  /** Moves of the champion alias, oldest first. */
  readonly moves: readonly AliasMove[];
  readonly episodes: readonly StoredEpisode[];
  readonly events: readonly NamedEvent[];
  readonly answers: readonly FindingAnswer[];
  /** Absent without `monitor.predictions`. */
  readonly performance?: Result<PerformanceReport, Failure>;
  /** Absent without a `monitor` section. */
  readonly drift?: Result<DriftReport, Failure>;
  readonly reference?: TableProfile;
  /** The newest verdict of the gate, and the one that let the champion in. */
  readonly gate?: GateVerdict;
  /** What the champion was made from. */
  readonly lineage?: LineageGraph;
  /** Newest first. */
  readonly runs: readonly { readonly run: Run; readonly executions: readonly StepExecution[] }[];
  readonly delivery?: DeliveryFacts;
}
