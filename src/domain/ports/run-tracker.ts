import type { VersionRef } from '../models/model.js';
import type { RunFacts } from '../runs/run-facts.js';

/** A server of another system that keeps runs, and how it is reached. */
export interface TrackingServer {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** What runs are logged to; without it, what has the name of their pipeline. */
  readonly experiment?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface TrackingOutcome {
  /** Why it did not arrive whole; absent: it did. Without the address, which may be a secret. */
  readonly problem?: string;
  /** What arrived otherwise than it is here, one sentence each. */
  readonly notes: readonly string[];
}

/** Tells a tracking server of runs. Whatever is told twice is there once. */
export interface RunTracker {
  /** The run with its params, metrics and tags, and the versions it made. */
  readonly logRun: (server: TrackingServer, facts: RunFacts) => Promise<TrackingOutcome>;
  /** Points an alias to a version that the run made; the run is logged first where the server does not know it. */
  readonly setAlias: (
    server: TrackingServer,
    facts: RunFacts,
    to: VersionRef & { readonly alias: string },
  ) => Promise<TrackingOutcome>;
  /** Whether the server is there and lets this caller in. */
  readonly check: (server: TrackingServer) => Promise<TrackingOutcome>;
}
