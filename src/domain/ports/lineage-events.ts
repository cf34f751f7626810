import type { RunFacts } from '../runs/run-facts.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

/** Creates events for a lineage system. `namespace` identifies the workspace. */
export interface LineageEvents {
  /** In the order of their times. */
  readonly ofRun: (facts: RunFacts, namespace: string | undefined) => readonly JsonObject[];
  /** A test event without content. */
  readonly ofTest: (at: Instant, namespace: string | undefined) => JsonObject;
}
