import type { Run } from '../runs/run.js';
import type { Instant } from '../support/time.js';
import type { AliasMove, ModelVersion } from './model.js';

/** One promotion with the times of the steps before it. Unknown ones are absent. */
export interface Release {
  readonly move: AliasMove;
  readonly run: Run;
  readonly judgedAt?: Instant;
  /** When the drift that caused it was first detected, in the ledger's time. */
  readonly driftSeenAt?: Instant;
}

/** The ledger's facts on how models came to be served, over a span of the ledger's time. */
export interface DeliveryFacts {
  readonly model: string;
  readonly since: Instant;
  readonly until: Instant;
  readonly releases: readonly Release[];
  /** Each with the move that it undid. */
  readonly rollbacks: readonly { readonly move: AliasMove; readonly undone?: AliasMove }[];
  /** Candidates with a gate verdict, counted by their newest one. */
  readonly judged: number;
  readonly rejected: number;
  readonly champion?: { readonly version: ModelVersion; readonly trainedAt: Instant; readonly servedSince: Instant };
}
