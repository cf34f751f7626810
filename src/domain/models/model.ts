import type {
  ApprovalId,
  ContentHash,
  DecisionId,
  EvaluationId,
  Fingerprint,
  GateVerdictId,
  IntentId,
  ModelName,
  RunId,
  WorkspacePath,
} from '../ids.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

export interface VersionRef {
  readonly model: ModelName;
  readonly version: number;
}

/** A registered model version; immutable. */
export interface ModelVersion extends VersionRef {
  readonly hash: ContentHash;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  /** Where the run wrote it; its last segment is the name it keeps when published. */
  readonly path: WorkspacePath;
  readonly run: RunId;
  readonly fingerprint?: Fingerprint;
  readonly registeredAt: Instant;
}

/** A version scored once by the model's `evaluate` on the inputs of one run. Values are finite; what was not is in `unusable`. */
export interface Evaluation {
  readonly id: EvaluationId;
  readonly version: VersionRef;
  /** The run whose inputs it was scored on, and their joint hash. */
  readonly run: RunId;
  readonly dataHash: ContentHash;
  readonly metrics: Readonly<Record<string, number>>;
  /** Metrics that were given but are no finite number, and what was there. */
  readonly unusable: Readonly<Record<string, string>>;
  /** Slice name → slice value → metric → value; `n` is the row count. */
  readonly slices: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /** Table of label, prediction, optionally id and slice columns, in the store. */
  readonly predictions?: ContentHash;
  readonly evaluatedAt: Instant;
}

type CheckVerdict = 'pass' | 'fail' | 'not-applicable';

/** One check of the gate, as judged. `observed` and `limit` are in the metric's unit. */
export interface GateCheck {
  readonly name: string;
  readonly verdict: CheckVerdict;
  readonly observed?: number;
  readonly limit?: number;
  /** One sentence with the figures: values of both, interval, which slice. */
  readonly detail: string;
}

/** Bound to what was judged: promote judges again when any of the four hashes differs. */
export interface GateVerdict {
  readonly id: GateVerdictId;
  readonly candidate: VersionRef;
  readonly candidateHash: ContentHash;
  readonly champion?: VersionRef;
  readonly championHash?: ContentHash;
  readonly dataHash?: ContentHash;
  readonly gateHash: ContentHash;
  readonly candidateEvaluation?: EvaluationId;
  readonly championEvaluation?: EvaluationId;
  readonly verdict: 'pass' | 'fail';
  readonly checks: readonly GateCheck[];
  readonly judgedAt: Instant;
}

/** One move of an alias; appended, never changed. "Current" is the last one. */
export interface AliasMove {
  readonly model: ModelName;
  readonly alias: string;
  /** Counts the moves of this alias from 1: a hook can refuse an older one. */
  readonly generation: number;
  readonly kind: 'promotion' | 'rollback';
  readonly from?: number;
  readonly to: number;
  readonly toHash: ContentHash;
  readonly reason: string;
  readonly isForced: boolean;
  readonly actor: string;
  readonly gate?: GateVerdictId;
  readonly decision?: DecisionId;
  /** Of the human who let it be served, where the pipeline asks for one. */
  readonly approval?: ApprovalId;
  /** `manual`, the trigger of the retrain, or `hook-failed`; absent in moves of before this was recorded. */
  readonly trigger?: string;
  /** Wall clock, and the `now` of the command. */
  readonly movedAt: Instant;
  readonly now: Instant;
}

/** Written before the symlink moves, closed after: the next start repairs what a crash left open. */
export interface PublishIntent {
  readonly id: IntentId;
  readonly move: Omit<AliasMove, 'generation'>;
  readonly expectedGeneration: number;
  /** The symlink's folder and the version folder's name, where the pipeline publishes. */
  readonly publishPath?: WorkspacePath;
  readonly folder?: string;
  /** What the move will owe once it is committed. */
  readonly hooks: readonly HookName[];
  readonly openedAt: Instant;
}

export type HookName = 'deploy' | 'verify';

/** A hook that a move owes, until it has an end: it is run again after a crash, so perhaps twice. */
export interface OwedHook {
  readonly move: AliasMove;
  readonly hook: HookName;
}

/** How an owed hook ended. `superseded`: another version had been published before it was run. */
export interface HookEnd {
  readonly hook: HookName;
  readonly generation: number;
  readonly outcome: 'delivered' | 'failed' | 'superseded';
  readonly detail: string;
  readonly endedAt: Instant;
}

/** A human's answer to a version; appended. An approval serves once, and not after it has expired. */
export interface Approval {
  readonly id: ApprovalId;
  readonly version: VersionRef;
  readonly hash: ContentHash;
  readonly answer: 'approved' | 'rejected';
  readonly reason: string;
  readonly actor: string;
  readonly givenAt: Instant;
  readonly now: Instant;
  readonly expiresAt?: Instant;
}

/** What somebody wrote down about a model, or about one version of it. */
export interface Note {
  readonly model: ModelName;
  readonly version?: number;
  readonly text: string;
  readonly actor: string;
  readonly notedAt: Instant;
}

/** Content of `refit.json` in every published folder. */
export interface PublishedManifest extends JsonObject {
  readonly schema_version: 1;
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly run: string;
}

/** Content of `current.json` beside the symlink, for readers that dislike links. */
export interface PublishedPointer extends JsonObject {
  readonly schema_version: 1;
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly run: string;
  readonly generation: number;
  /** Seen from the folder that it lies in. */
  readonly path: string;
}
