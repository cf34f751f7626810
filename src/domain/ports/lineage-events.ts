import type { RunFacts } from '../runs/run-facts.js';
import type { JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';

/** Writer of events for a lineage system. `namespace` tells workspaces apart. */
export interface LineageEvents {
  /** In the order of their times. */
  readonly ofRun: (facts: RunFacts, namespace: string | undefined) => readonly JsonObject[];
  /** One that says nothing but that it has arrived. */
  readonly ofTest: (at: Instant, namespace: string | undefined) => JsonObject;
}
