import type { PipelineName } from '../ids.js';
import type { Instant } from '../support/time.js';

export const EVENT_EFFECTS = ['suppress', 'exclude'] as const;

/** A named span of time, such as a campaign, a storm or an outage. It may be recorded before or afterwards. */
export interface NamedEvent {
  readonly pipeline: PipelineName;
  readonly name: string;
  /** Rows with `from <= time < until`. */
  readonly from: Instant;
  readonly until: Instant;
  /** `suppress`: drift in it is expected. `exclude`: its rows are left out of references and windows. */
  readonly effect: (typeof EVENT_EFFECTS)[number];
  readonly actor: string;
  readonly recordedAt: Instant;
}
