import type { Run } from '../runs/run.js';
import type { Instant } from '../support/time.js';
import type { AliasMove, ModelVersion } from './model.js';

/** One promotion with the times that led to it; what is not known is absent. */
export interface Release {
  readonly move: AliasMove;
  readonly run: Run;
  readonly judgedAt?: Instant;
  /** When the drift that it answers was first seen, by the ledger's time. */
  readonly driftSeenAt?: Instant;
}

/** What the ledger says of how a model came to be served, over a span of the ledger's time. */
export interface DeliveryFacts {
  readonly model: string;
  readonly since: Instant;
  readonly until: Instant;
  readonly releases: readonly Release[];
  /** Each with the move that it took back. */
  readonly rollbacks: readonly { readonly move: AliasMove; readonly undone?: AliasMove }[];
  /** Candidates judged, by their newest verdict. */
  readonly judged: number;
  readonly rejected: number;
  readonly champion?: { readonly version: ModelVersion; readonly trainedAt: Instant; readonly servedSince: Instant };
}
