import type { Failure } from '../failure.js';
import type { ParamValue } from '../pipeline/pipeline.js';
import type { MetricPoint, RunOrigin } from '../runs/run.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Where bytes lie that another system kept. */
export interface ArtifactAddress {
  /** As that system says it. */
  readonly uri: string;
  /** Absolute paths of this machine where they would be, the likeliest first; none for another machine's. */
  readonly places: readonly string[];
}

/** A run as another system kept it, in refit's terms. */
export interface KeptRun {
  readonly origin: Omit<RunOrigin, 'missing'>;
  /** A name that a pipeline may have. */
  readonly pipeline: string;
  readonly actor: string;
  /** `open`: it has no end there; `seenAt` is its last sign of life. */
  readonly end:
    | { readonly status: 'succeeded' | 'failed' | 'cancelled'; readonly at: Instant }
    | { readonly status: 'open'; readonly seenAt: Instant };
  readonly startedAt: Instant;
  readonly commit?: string;
  readonly branch?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly points: readonly MetricPoint[];
  readonly artifacts?: ArtifactAddress;
  /** Whether that system says that there are artifacts. */
  readonly hasArtifacts: boolean;
}

/** A model version as another system kept it. */
export interface KeptVersion {
  /** A name that a model may have. */
  readonly model: string;
  readonly version: number;
  /** What that system knows the run by that made it. */
  readonly run?: string;
  readonly source: ArtifactAddress;
  readonly registeredAt: Instant;
  readonly updatedAt: Instant;
  readonly actor: string;
  /** What else it says of the version: stage, tags, description. */
  readonly note: string;
}

export interface KeptModel {
  readonly model: string;
  /** Description and tags; empty where it has none. */
  readonly note: string;
  /** By number. */
  readonly versions: readonly KeptVersion[];
  /** Movable names, `champion` among them where a version serves. */
  readonly aliases: readonly { readonly alias: string; readonly version: number; readonly because: string }[];
}

/** All that a tracking server kept, read from its own file, which is not written. */
export interface RunHistory extends Disposable {
  /** Oldest first; without those that were deleted there. */
  readonly runs: () => Iterable<KeptRun>;
  readonly models: () => readonly KeptModel[];
  /** What is left behind because it was deleted there. */
  readonly deleted: { readonly runs: number; readonly versions: number };
  /** Names that are others here, and what has no place here: one sentence each. */
  readonly notes: readonly string[];
}

/** `path` is absolute. */
export type OpenHistory = (path: string) => Promise<Result<RunHistory, Failure>>;
