import type { Failure } from '../failure.js';
import type { ParamValue } from '../pipeline/pipeline.js';
import type { MetricPoint, RunOrigin } from '../runs/run.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Where another system keeps bytes. */
export interface ArtifactAddress {
  /** As written by that system. */
  readonly uri: string;
  /** Absolute local paths where they may be, the most likely first. Empty for another machine's. */
  readonly places: readonly string[];
}

/** Another system's run in refit's terms. */
export interface KeptRun {
  readonly origin: Omit<RunOrigin, 'missing'>;
  /** A valid pipeline name. */
  readonly pipeline: string;
  readonly actor: string;
  /** `open`: it has no end there. `seenAt` is its last activity. */
  readonly end:
    | { readonly status: 'succeeded' | 'failed' | 'cancelled'; readonly at: Instant }
    | { readonly status: 'open'; readonly seenAt: Instant };
  readonly startedAt: Instant;
  readonly commit?: string;
  readonly branch?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly points: readonly MetricPoint[];
  readonly artifacts?: ArtifactAddress;
  /** Whether that system records any artifacts. */
  readonly hasArtifacts: boolean;
}

/** Another system's model version. */
export interface KeptVersion {
  /** A valid model name. */
  readonly model: string;
  readonly version: number;
  /** The other system's id of the run that made it. */
  readonly run?: string;
  readonly source: ArtifactAddress;
  readonly registeredAt: Instant;
  readonly updatedAt: Instant;
  readonly actor: string;
  /** Other facts about the version: stage, tags, description. */
  readonly note: string;
}

export interface KeptModel {
  readonly model: string;
  /** Description and tags. Empty if there are none. */
  readonly note: string;
  /** Sorted by number. */
  readonly versions: readonly KeptVersion[];
  /** Movable names, including `champion` if a version serves. */
  readonly aliases: readonly { readonly alias: string; readonly version: number; readonly because: string }[];
}

/** Everything that a tracking server recorded, read from its database file, which is not written. */
export interface RunHistory extends Disposable {
  /** Oldest first, without those deleted there. */
  readonly runs: () => Iterable<KeptRun>;
  readonly models: () => readonly KeptModel[];
  /** What was skipped because it was deleted there. */
  readonly deleted: { readonly runs: number; readonly versions: number };
  /** Changed names, and facts that refit cannot store, one sentence each. */
  readonly notes: readonly string[];
}

/** `path` is absolute. */
export type OpenHistory = (path: string) => Promise<Result<RunHistory, Failure>>;
