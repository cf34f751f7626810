import type Database from 'better-sqlite3';
import type { TriggerEvent } from '../../domain/decisions/tick.js';
import type { DecisionId, PipelineName } from '../../domain/ids.js';
import type { TriggerRecords } from '../../domain/ports/records/decision-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';

interface EventRow {
  readonly pipeline: string;
  readonly name: string;
  readonly key: string;
  readonly actor: string;
  readonly recorded_at: string;
  readonly now: string;
}

const toEvent = (row: EventRow): TriggerEvent => ({
  pipeline: row.pipeline as PipelineName,
  name: row.name,
  key: row.key,
  actor: row.actor,
  recordedAt: fromIso(row.recorded_at),
  now: fromIso(row.now),
});

/** Records of external events, and of the triggers that decisions trained for. */
export function createTriggerRecords(db: Database.Database): TriggerRecords {
  return {
    recordEvent: (event) =>
      db
        .prepare('INSERT OR IGNORE INTO trigger_event VALUES (?, ?, ?, ?, ?, ?)')
        .run(event.pipeline, event.name, event.key, event.actor, toIso(event.recordedAt), toIso(event.now)).changes ===
      1,
    events: (pipeline) =>
      db
        .prepare<[string], EventRow>('SELECT * FROM trigger_event WHERE pipeline = ? ORDER BY now, key')
        .all(pipeline)
        .map(toEvent),
    trained: (pipeline) =>
      db
        .prepare<[string], { trigger: string; attempt: number; decision: string; now: string; outcome: string | null }>(
          `SELECT t.trigger, t.attempt, t.decision, d.now, o.outcome FROM decision_trigger AS t
             JOIN retrain_decision AS d ON d.id = t.decision LEFT JOIN decision_outcome AS o ON o.decision = t.decision
           WHERE t.pipeline = ? ORDER BY d.decided_at, t.attempt`,
        )
        .all(pipeline)
        .map((row) => ({
          trigger: row.trigger,
          attempt: row.attempt,
          decision: row.decision as DecisionId,
          now: fromIso(row.now),
          hasFailed: row.outcome === null || row.outcome === 'failed',
        })),
  };
}
