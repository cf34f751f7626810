import type { Finding } from '../data/finding.js';
import type { NamedEvent } from '../data/named-event.js';
import type {
  EpisodeEnd,
  ErrorAlarms,
  PerformanceReport,
  PerformanceWindow,
  StoredEpisode,
} from '../data/performance.js';
import type { TableProfile } from '../data/profile.js';
import type { Snapshot } from '../data/snapshot.js';
import type { DecisionKind, DecisionOutcome, RetrainDecision } from '../decisions/decision.js';
import type { OperatorAction, Tick, TickEnd, TriggerEvent } from '../decisions/tick.js';
import type { Failure } from '../failure.js';
import type {
  ContentHash,
  DecisionId,
  EvaluationId,
  FindingId,
  GateVerdictId,
  IntentId,
  ModelName,
  PipelineName,
  RunId,
  TickId,
} from '../ids.js';
import type { HeldBecause, HeldMove } from '../models/held-move.js';
import type { LedgerEntry } from '../models/ledger.js';
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
} from '../models/model.js';
import type { JsonObject } from '../support/json.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';
import type { Publication, RegistryFault, RunObjects, StoredReference } from '../upkeep.js';
import type { RegistryExchange } from './exchange.js';
import type { NoticeRecords } from './notices.js';
import type { RunRecords } from './run-records.js';

/**
 * The registry of facts. Each fact is written by an explicit call and durable on return. Calls are synchronous
 * (better-sqlite3). Each is one transaction, with `BEGIN IMMEDIATE` if it reads before it writes.
 */
export interface Registry extends Disposable {
  /**
   * Commits the calls made in `work` as one transaction, together with other waiting work. Durable when it resolves.
   * `registry-unusable` if the disk is full or broken; waits for a busy registry. Work runs in the given order.
   */
  readonly write: <T>(work: () => T) => Promise<Result<T, Failure>>;
  readonly runs: RunRecords;
  readonly models: ModelRecords;
  readonly decisions: DecisionRecords;
  readonly findings: FindingRecords;
  readonly events: EventRecords;
  readonly schemas: SchemaRecords;
  readonly snapshots: SnapshotRecords;
  readonly triggers: TriggerRecords;
  readonly ticks: TickRecords;
  readonly operatorActions: OperatorActionRecords;
  readonly notices: NoticeRecords;
  readonly profiles: ProfileRecords;
  readonly upkeep: RegistryUpkeep;
  readonly performance: PerformanceRecords;
  /** Loaded on first use, because few commands need it. */
  readonly exchange: () => Promise<RegistryExchange>;
}

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

export interface FindingRecords {
  /** Records the findings of one check. A scope without findings is recorded too, which closes its earlier ones. */
  readonly record: (look: {
    readonly pipeline: PipelineName;
    readonly scope: string;
    readonly findings: readonly Finding[];
    readonly decision?: DecisionId;
    readonly run?: RunId;
    /** Schema files that were used, by dataset: hash of the text in the store. */
    readonly schemas?: Readonly<Record<string, ContentHash>>;
    readonly seenAt: Instant;
    readonly now: Instant;
  }) => void;
  /** Findings of the newest check of each scope up to a moment of the wall clock, without a resolution. */
  readonly open: (pipeline: PipelineName, until: Instant) => readonly Finding[];
  /** The last answer to each answered finding of the pipeline. */
  readonly answers: (pipeline: PipelineName) => readonly FindingAnswer[];
  /** Appends a person's answer to a finding. */
  readonly resolve: (resolution: {
    readonly finding: FindingId;
    readonly answer: 'bug' | 'normal';
    readonly reason: string;
    readonly actor: string;
    readonly at: Instant;
  }) => void;
  /** The finding as last seen. */
  readonly get: (id: FindingId) => Finding | undefined;
  /** The findings of a decision or a run. */
  readonly of: (link: { readonly decision: DecisionId } | { readonly run: RunId }) => readonly Finding[];
}

export interface FindingAnswer {
  /** As last seen. */
  readonly finding: Finding;
  readonly answer: 'bug' | 'normal';
  readonly reason: string;
}

/** A schema by the hash of its text in the store. */
export interface UsedSchema {
  readonly dataset: string;
  readonly hash: ContentHash;
  /** The run whose data it was inferred from. Absent if written by hand. */
  readonly inferredFrom?: string;
}

export interface SchemaRecords {
  /** Stores the schema inferred from a run's data. The first one stays. */
  readonly save: (run: RunId, dataset: string, hash: ContentHash) => void;
  readonly inferred: (run: RunId) => readonly UsedSchema[];
  /** Schemas used by the data check of a decision. */
  readonly ofDecision: (decision: DecisionId) => readonly UsedSchema[];
}

/** What was read from remote sources. Rows are never changed. */
export interface SnapshotRecords {
  readonly record: (snapshot: Snapshot) => void;
  /** The newest of each window or object, of the place that was read last; in order of time. */
  readonly newest: (pipeline: PipelineName, dataset: string, definition: string) => readonly Snapshot[];
  /** All that were read from one place, oldest first. */
  readonly ofPlace: (
    pipeline: PipelineName,
    dataset: string,
    asked: { readonly definition: string; readonly place: string },
  ) => readonly Snapshot[];
  readonly withHash: (hash: ContentHash) => readonly Snapshot[];
  readonly all: () => readonly Snapshot[];
}

export interface EventRecords {
  readonly record: (event: NamedEvent) => void;
  /** Sorted by their start. */
  readonly list: (pipeline: PipelineName) => readonly NamedEvent[];
}

export interface ProfileRecords {
  /**
   * A profile belongs to content: the same bytes have the same profile. `kind` distinguishes what was profiled (ignored
   * columns, window).
   */
  readonly save: (hash: ContentHash, kind: string, profile: TableProfile) => void;
  readonly get: (hash: ContentHash, kind: string) => TableProfile | undefined;
  /** Stores a compact profile of a checked window. Replaces one with the same end. */
  readonly saveWindow: (pipeline: PipelineName, end: Instant, profile: TableProfile) => void;
  /** Newest first. */
  readonly windows: (
    pipeline: PipelineName,
    filter: { readonly before: Instant; readonly limit: number },
  ) => readonly { readonly at: Instant; readonly profile: TableProfile }[];
}

/**
 * Operations on the whole registry: its integrity, the objects that the store must hold, and those that were removed.
 */
export interface RegistryUpkeep {
  /** Checks pages, links between rows, and every sealed row against its hash. */
  readonly check: () => readonly RegistryFault[];
  readonly counts: () => { readonly runs: number; readonly artifacts: number; readonly sealed: number };
  /** What the store must hold: everything stored and not collected since. */
  readonly references: () => readonly StoredReference[];
  readonly objectsOfRuns: () => Iterable<RunObjects>;
  /** Hashes of every artifact that is a folder. */
  readonly folders: () => readonly ContentHash[];
  readonly publications: () => readonly Publication[];
  /** Records that these objects were removed from the store on purpose. */
  readonly recordCollected: (hashes: readonly ContentHash[], at: Instant) => void;
  readonly collectedAt: (hash: ContentHash) => Instant | undefined;
  /** Whether a remote has it and a pull did not fetch it. */
  readonly isElsewhere: (hash: ContentHash) => boolean;
  /**
   * Deletes profiles that no check reads any more: tables that are not among `hashes`, and old windows. Returns their number.
   */
  readonly thinProfiles: (
    kept: { readonly hashes: ReadonlySet<ContentHash>; readonly since: Instant },
    isDry: boolean,
  ) => number;
  /** Gives the space of deleted rows back to the disk, in bytes. `undefined`: another process uses the registry now. */
  readonly giveSpaceBack: () => number | undefined;
  /** Records that the store has these inputs of steps, so that their loss is noticed. */
  readonly recordStoredInputs: (hashes: readonly ContentHash[]) => void;
  /** The file beside the registry knows of more ledger entries: an older registry was put in place. */
  readonly rewound: () => { readonly here: number; readonly seen: number } | undefined;
  /** What a person accepted of published pointers that are newer than the registry, by their path. */
  readonly accepted: () => Readonly<Record<string, string>>;
  /** Takes the ledger as it is, and these pointers, for right from now on. */
  readonly accept: (pointers: Readonly<Record<string, string>>) => void;
  /**
   * A consistent copy of the registry, even while others write. `path` is absolute, inside or outside the workspace.
   */
  readonly backup: (path: string) => Promise<Result<{ readonly bytes: number }, Failure>>;
}

/** A measured window of a fixed grid. Measured again if its rows have another checksum. */
export interface MeasuredPlace {
  readonly place: number;
  readonly checksum: string;
  readonly window: PerformanceWindow;
}

/** State of a stream detector after every error before `cursor`. The next check continues from there. */
export interface ErrorStream {
  readonly cursor: Instant;
  readonly items: number;
  readonly alarms: ErrorAlarms['alarms'];
  readonly detector: JsonObject;
}

export interface PerformanceRecords {
  readonly windows: (pipeline: PipelineName, stream: string) => readonly MeasuredPlace[];
  readonly saveWindows: (pipeline: PipelineName, stream: string, windows: readonly MeasuredPlace[]) => void;
  readonly errorStream: (pipeline: PipelineName, stream: string) => ErrorStream | undefined;
  readonly saveErrorStream: (pipeline: PipelineName, stream: string, state: ErrorStream) => void;
  readonly recordCheck: (check: {
    readonly pipeline: PipelineName;
    readonly now: Instant;
    readonly checkedAt: Instant;
    readonly report: PerformanceReport;
  }) => void;
  /** Newest first. */
  readonly checks: (pipeline: PipelineName, limit: number) => readonly PerformanceReport[];
  readonly openEpisode: (pipeline: PipelineName, episode: Omit<StoredEpisode, 'id' | 'end'>) => void;
  readonly endEpisode: (episode: number, end: EpisodeEnd) => void;
  /** Oldest first, open and ended. */
  readonly episodes: (pipeline: PipelineName) => readonly StoredEpisode[];
}
