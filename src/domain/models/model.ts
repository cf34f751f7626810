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
  /** Where the run wrote it. Its last segment is its name when published. */
  readonly path: WorkspacePath;
  readonly run: RunId;
  readonly fingerprint?: Fingerprint;
  readonly registeredAt: Instant;
}

/**
 * The result of scoring a version with `evaluate` on the inputs of one run. Values are finite; others are in
 * `unusable`.
 */
export interface Evaluation {
  readonly id: EvaluationId;
  readonly version: VersionRef;
  /** The run whose inputs were used, and their joint hash. */
  readonly run: RunId;
  readonly dataHash: ContentHash;
  readonly metrics: Readonly<Record<string, number>>;
  /** Metrics without a finite value, with the text that was given. */
  readonly unusable: Readonly<Record<string, string>>;
  /** Slice name → slice value → metric → value. `n` is the number of rows. */
  readonly slices: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /** Hash of the predictions table in the store: label, prediction, optionally id and slice columns. */
  readonly predictions?: ContentHash;
  readonly evaluatedAt: Instant;
}

type CheckVerdict = 'pass' | 'fail' | 'not-applicable';

/** One check of the gate with its verdict. `observed` and `limit` are in the metric's unit. */
export interface GateCheck {
  readonly name: string;
  readonly verdict: CheckVerdict;
  readonly observed?: number;
  readonly limit?: number;
  /** One sentence with the figures: both values, the interval, the slice. */
  readonly detail: string;
  /** The champion's value of the metric that the check is about, on the same data. */
  readonly champion?: number;
  /** Whether the champion keeps the limit, for a check that judges a model without a rival. */
  readonly championVerdict?: 'pass' | 'fail';
}

/** Bound to its data: promote judges again if one of the four hashes differs. */
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

/** One move of an alias. Appended, never changed. The last one is current. */
export interface AliasMove {
  readonly model: ModelName;
  readonly alias: string;
  /** Counts the moves of this alias from 1, so that a hook can refuse an older one. */
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
  /** The approval that allowed it, if the pipeline requires one. */
  readonly approval?: ApprovalId;
  /** `manual`, the trigger of the retrain, or `hook-failed`. Absent in moves from before this was recorded. */
  readonly trigger?: string;
  /** The wall clock, and the `now` of the command. */
  readonly movedAt: Instant;
  readonly now: Instant;
}

/** Written before the symlink is swapped, and closed afterwards. The next start repairs what a crash left open. */
export interface PublishIntent {
  readonly id: IntentId;
  readonly move: Omit<AliasMove, 'generation'>;
  readonly expectedGeneration: number;
  /** The folder of the symlink and the name of the version folder, if the pipeline publishes. */
  readonly publishPath?: WorkspacePath;
  readonly folder?: string;
  /** Hooks that the move will owe after its commit. */
  readonly hooks: readonly HookName[];
  readonly openedAt: Instant;
}

export type HookName = 'deploy' | 'verify';

/** A hook that a move owes until it has ended. After a crash it runs again, so it may run twice. */
export interface OwedHook {
  readonly move: AliasMove;
  readonly hook: HookName;
}

/** How an owed hook ended. `superseded`: it was not run, because another version was published or the hook before it failed. */
export interface HookEnd {
  readonly outcome: 'delivered' | 'failed' | 'superseded';
  readonly detail: string;
  readonly endedAt: Instant;
  /** Who has run it again after it had failed, and why. */
  readonly again?: { readonly actor: string; readonly reason: string };
}

/** A person's answer to a version. Appended. An approval serves once, and only before it expires. */
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

/** A note about a model or one of its versions. */
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

/** Content of `current.json` beside the symlink, for readers that cannot follow links. */
export interface PublishedPointer extends JsonObject {
  readonly schema_version: 1;
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly run: string;
  readonly generation: number;
  /** Relative to the folder of `current.json`. */
  readonly path: string;
}

/** The version that a rollback would go back to, and what speaks against it. */
export interface RollbackTarget {
  readonly version: number;
  readonly obstacle?: 'never-served' | 'served-by-force' | 'rejected' | 'not-approved';
}
