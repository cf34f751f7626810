import type { ContentHash, EvaluationId, GateVerdictId, IntentId, ModelName, RunId } from '../../ids.js';
import type { HeldBecause, HeldMove } from '../../models/held-move.js';
import type { LedgerEntry } from '../../models/ledger.js';
import type {
  AliasMove,
  Approval,
  Evaluation,
  GateVerdict,
  HookEnd,
  ModelVersion,
  Note,
  OwedHook,
  PublishIntent,
  VersionRef,
} from '../../models/model.js';
import type { Instant } from '../../support/time.js';

export interface ModelRecords {
  /** The same bytes with the same fingerprint are the same version. */
  readonly register: (version: Omit<ModelVersion, 'version'>) => {
    readonly version: ModelVersion;
    readonly isNew: boolean;
  };
  /** Adds a version with another system's number. `taken` if another run has that number. */
  readonly adopt: (version: ModelVersion) => 'added' | 'known' | 'taken';
  readonly names: () => readonly ModelName[];
  readonly get: (ref: VersionRef) => ModelVersion | undefined;
  readonly versions: (model: ModelName) => readonly ModelVersion[];
  /** Versions that a run registered. */
  readonly ofRun: (run: RunId) => readonly ModelVersion[];
  /** Versions with exactly these bytes, so that `why` can explain a copied file. */
  readonly withHash: (hash: ContentHash) => readonly ModelVersion[];
  /** The alias's last move. */
  readonly alias: (model: ModelName, alias: string) => AliasMove | undefined;
  readonly aliasAt: (model: ModelName, alias: string, at: Instant) => AliasMove | undefined;
  /** Moves that are in force here. */
  readonly moves: (model: ModelName) => readonly AliasMove[];
  /** All moves, with those of other machines that are held. */
  readonly recordedMoves: (model: ModelName) => readonly AliasMove[];
  /** Generation of the last recorded move, 0 before the first. */
  readonly lastGeneration: (model: ModelName, alias: string) => number;
  /** The same, also of moves that were begun and given up, or overtaken by another machine's. */
  readonly highestGeneration: (model: ModelName, alias: string) => number;
  /** Moves of other machines that are not in force here, oldest first. */
  readonly heldMoves: () => readonly HeldMove[];
  /** Holds a move for a reason, or puts it in force. */
  readonly settleHeld: (move: AliasMove, because: HeldBecause | undefined, at: Instant) => void;
  readonly isPulled: (move: AliasMove) => boolean;
  /** Records where a version is published here whose move was made on another machine. */
  readonly recordServed: (
    move: AliasMove,
    place: { readonly path: string; readonly folder: string; readonly at: Instant },
  ) => void;

  /** Versions whose evaluation has this stored table of predictions. */
  readonly withPredictions: (hash: ContentHash) => readonly VersionRef[];
  readonly recordEvaluation: (evaluation: Omit<Evaluation, 'id'>) => EvaluationId;
  readonly evaluations: (ref: VersionRef) => readonly Evaluation[];
  readonly evaluation: (id: EvaluationId) => Evaluation | undefined;
  readonly recordGateVerdict: (verdict: Omit<GateVerdict, 'id'>) => GateVerdictId;
  /** Newest first. */
  readonly gateVerdicts: (candidate: VersionRef) => readonly GateVerdict[];
  readonly gateVerdict: (id: GateVerdictId) => GateVerdict | undefined;

  /** Compare-and-set: `undefined` if the alias is not at `expectedGeneration` any more, or another intent is open. */
  readonly openIntent: (intent: Omit<PublishIntent, 'id'>) => IntentId | undefined;
  /** Closes the intent and appends its move, in one transaction. */
  readonly commitIntent: (intent: IntentId, at: Instant) => AliasMove;
  readonly abortIntent: (intent: IntentId, at: Instant, reason: string) => void;
  readonly openIntents: () => readonly PublishIntent[];

  /** Hooks that have not ended, oldest move first. */
  readonly owedHooks: (model: ModelName) => readonly OwedHook[];
  /** Records a hook that was declared after the move. Does nothing if the move owes or owed it. */
  readonly owe: (hook: OwedHook) => void;
  readonly recordHookAttempt: (
    owed: OwedHook,
    attempt: { readonly outcome: string; readonly startedAt: Instant; readonly endedAt: Instant },
  ) => void;
  /** The ledger records every end, also of hooks that a person has run again. */
  readonly endHook: (owed: OwedHook, end: HookEnd) => void;
  /** Hooks of a move that have ended, and have not succeeded since. */
  readonly undelivered: (move: AliasMove) => readonly OwedHook[];

  readonly recordApproval: (approval: Omit<Approval, 'id'>) => Approval;
  /** Newest first. */
  readonly approvals: (ref: VersionRef) => readonly Approval[];
  readonly recordNote: (note: Note) => void;
  /** For a model and its versions, oldest first. */
  readonly notes: (model: ModelName) => readonly Note[];

  /** Appends that the published state was repaired. */
  readonly recordRepair: (repair: {
    readonly version: VersionRef;
    readonly hash: ContentHash;
    readonly actor: string;
    readonly found: readonly string[];
    readonly at: Instant;
  }) => void;
  /** The whole ledger, or the entries of one model, in order. */
  readonly ledger: (model?: ModelName) => readonly LedgerEntry[];
}
