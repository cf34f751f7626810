import type { Finding } from '../../domain/data/finding.js';
import type { NamedEvent } from '../../domain/data/named-event.js';
import type { EarnedVerdict, EarnedVersion, WatchedEpisode } from '../../domain/data/performance.js';
import type { Attention, Care } from '../../domain/decisions/attention.js';
import type { FutureDecision, RetrainDecision } from '../../domain/decisions/decision.js';
import type { HeldMove } from '../../domain/models/held-move.js';
import type { AliasMove, Evaluation, ModelVersion } from '../../domain/models/model.js';
import type { ServingFinding } from '../../domain/models/serving.js';
import type { Plan } from '../../domain/pipeline/plan.js';
import type { Run } from '../../domain/runs/run.js';
import type { Instant } from '../../domain/support/time.js';
import type { WaitingVersion } from '../../serving/views/approval-view.js';

/** State of one pipeline. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly file: string;
  readonly plan?: Plan;
  /** Why there is no plan. */
  readonly problem?: string;
  readonly lastRun?: Run;
  readonly champion?: ModelVersion;
  /** Limits of the gate that the champion did not keep when it was last judged. */
  readonly championFailures?: { readonly checks: readonly string[]; readonly isOfOtherGate: boolean };
  readonly servedSince?: AliasMove;
  /** Since when it has served, and for how long: by the wall clock, or in the ledger's time if a `now` is given. */
  readonly servedFrom?: Instant;
  readonly servedMs?: number;
  readonly evaluation?: Evaluation;
  readonly decision?: RetrainDecision;
  readonly findings: readonly Finding[];
  /** Events in the monitored window, and current and future ones. */
  readonly events: readonly NamedEvent[];
  readonly isWatched: boolean;
  /** A candidate that passed the gate and waits for approval. */
  readonly waiting?: WaitingVersion;
  /** Differences between the published files and the registry. */
  readonly serving: readonly ServingFinding[];
  /** Moves that other machines pushed and that are not served here. */
  readonly held: readonly HeldMove[];
  /** Open falls in performance. */
  readonly episodes: readonly WatchedEpisode[];
  /** Scores of the champion, the previous and the first version on the same test data. */
  readonly earned: readonly EarnedVersion[];
  /** Decisions in the future of the clock, newest first. They decide nothing until then. */
  readonly future: readonly FutureDecision[];
  readonly earnedVerdicts: readonly EarnedVerdict[];
  readonly care: Care;
  readonly attention: Attention;
  /** The user asked for this pipeline by name, so its triggers are shown too. */
  readonly isAlone?: boolean;
}
