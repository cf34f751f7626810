import type { PipelineName } from '../ids.js';
import type { Instant } from '../support/time.js';

export const EVENT_EFFECTS = ['suppress', 'exclude'] as const;

/** A named span of time: a campaign, a storm, an outage; said before or after the fact. */
export interface NamedEvent {
  readonly pipeline: PipelineName;
  readonly name: string;
  /** Rows with `from <= time < until`. */
  readonly from: Instant;
  readonly until: Instant;
  /** `suppress`: drift inside is expected. `exclude`: its rows are left out of references and windows. */
  readonly effect: (typeof EVENT_EFFECTS)[number];
  readonly actor: string;
  readonly recordedAt: Instant;
}
