import type { VersionRef } from '../models/model.js';
import type { RunFacts } from '../runs/run-facts.js';

/** Another system's tracking server and how to reach it. */
export interface TrackingServer {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string;
  /** The experiment to log to. Defaults to the pipeline's name. */
  readonly experiment?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface TrackingOutcome {
  /** Why it did not arrive completely; absent on success. Never contains the address, which may be a secret. */
  readonly problem?: string;
  /** What arrived changed, one sentence each. */
  readonly notes: readonly string[];
}

/** Sends runs to a tracking server. Sending the same thing twice leaves it there once. */
export interface RunTracker {
  /** Logs a run with its params, metrics and tags, and the versions that it made. */
  readonly logRun: (server: TrackingServer, facts: RunFacts) => Promise<TrackingOutcome>;
  /** Points an alias to a version that the run made. Logs the run first if the server does not know it. */
  readonly setAlias: (
    server: TrackingServer,
    facts: RunFacts,
    to: VersionRef & { readonly alias: string },
  ) => Promise<TrackingOutcome>;
  /** Whether the server answers and accepts the credentials. */
  readonly check: (server: TrackingServer) => Promise<TrackingOutcome>;
}
