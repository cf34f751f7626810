import type { DecisionKind, DecisionOutcome, RetrainDecision } from '../../decisions/decision.js';
import type { OperatorAction, Tick, TickEnd, TriggerEvent } from '../../decisions/tick.js';
import type { DecisionId, ModelName, PipelineName, RunId, TickId } from '../../ids.js';
import type { Instant } from '../../support/time.js';

export interface DecisionRecords {
  /**
   * Records a decision with the triggers that it trains for. `undefined`, without recording, if another decision has
   * one of them for that attempt.
   */
  readonly record: (
    decision: Omit<RetrainDecision, 'id'>,
    triggers?: readonly { readonly trigger: string; readonly attempt: number }[],
  ) => DecisionId | undefined;
  readonly recordOutcome: (outcome: DecisionOutcome) => void;
  readonly get: (id: DecisionId) => RetrainDecision | undefined;
  /** Decisions to retrain without an outcome, of ticks of this machine that have not ended. Oldest first. */
  readonly interrupted: (pipeline: PipelineName) => readonly RetrainDecision[];
  readonly outcome: (id: DecisionId) => DecisionOutcome | undefined;
  readonly ofRun: (run: RunId) => RetrainDecision | undefined;
  /**
   * The first decision, in the order of recording and not after `until`, that could know a training: made under its
   * version as champion, or after the decision that trained it.
   */
  readonly firstAfter: (training: {
    readonly pipeline: PipelineName;
    readonly run?: RunId;
    readonly champion?: number;
    readonly until: Instant;
  }) => RetrainDecision | undefined;
  /** The previous decision of the same pipeline. */
  readonly previous: (id: DecisionId) => RetrainDecision | undefined;
  /** Newest first. */
  readonly list: (filter: {
    readonly pipeline?: PipelineName;
    readonly decision?: DecisionKind;
    /** Only decisions made while this version was champion. */
    readonly champion?: number;
    /** By the decision's `now`. */
    readonly since?: Instant;
    readonly until?: Instant;
    /** By the wall clock of the machine that decided. */
    readonly decidedUntil?: Instant;
    readonly limit: number;
  }) => readonly RetrainDecision[];
}

export interface TriggerRecords {
  /** False if the event was recorded before. */
  readonly recordEvent: (event: TriggerEvent) => boolean;
  /** In the order of recording. */
  readonly events: (pipeline: PipelineName) => readonly TriggerEvent[];
  /**
   * Every trigger that a decision trained for. A decision without an outcome counts as failed, because its process
   * died.
   */
  readonly trained: (pipeline: PipelineName) => readonly {
    readonly trigger: string;
    readonly attempt: number;
    readonly decision: DecisionId;
    readonly now: Instant;
    readonly hasFailed: boolean;
  }[];
}

export interface TickRecords {
  readonly start: (tick: Omit<Tick, 'end'>) => TickId;
  readonly finish: (tick: TickId, end: TickEnd) => void;
  /** Newest first. */
  readonly list: (pipeline: PipelineName, limit: number) => readonly Tick[];
  readonly endedSince: (at: Instant) => readonly Tick[];
  /** The call that made a decision, once it has ended. */
  readonly ofDecision: (decision: DecisionId) => Tick | undefined;
  /** With the previous tick of the same pipeline that was not `busy`. */
  readonly withPrevious: (tick: TickId) => { readonly tick: Tick; readonly previous?: Tick } | undefined;
}

export interface OperatorActionRecords {
  readonly record: (action: OperatorAction) => void;
  /** Newest first. */
  readonly list: (pipeline: PipelineName) => readonly OperatorAction[];
  /**
   * The last action of a person on the pipeline or its model by the clock's time: promoted, rolled back, answered, reviewed.
   * An action in the future of the clock is the last one only if there is no other. `now`: when it happened in the time of
   * the ledger.
   */
  readonly lastHumanAction: (
    pipeline: PipelineName,
    model: ModelName | undefined,
    clock: Instant,
  ) => { readonly at: Instant; readonly now: Instant; readonly what: string; readonly actor: string } | undefined;
}
