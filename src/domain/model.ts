import type {
  ContentHash,
  DecisionId,
  EvaluationId,
  Fingerprint,
  GateVerdictId,
  IntentId,
  ModelName,
  RunId,
  WorkspacePath,
} from './ids.js';
import type { JsonObject } from './json.js';
import type { Instant } from './time.js';

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
  readonly openedAt: Instant;
}

/** Content of `refit.json` in every published folder. */
export interface PublishedManifest extends JsonObject {
  readonly schema_version: 1;
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly run: string;
}
