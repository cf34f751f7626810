import type Database from 'better-sqlite3';
import { EVENT_EFFECTS } from '../../domain/data/named-event.js';
import type { PipelineName } from '../../domain/ids.js';
import type { EventRecords } from '../../domain/ports/records/data-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';

interface EventRow {
  readonly pipeline: string;
  readonly name: string;
  readonly from_time: string;
  readonly until_time: string;
  readonly effect: string;
  readonly actor: string;
  readonly recorded_at: string;
}

/** Records of named events such as campaigns, storms and outages. */
export function createEventRecords(db: Database.Database): EventRecords {
  return {
    record: (event) =>
      void db
        .prepare(
          'INSERT INTO event(pipeline, name, from_time, until_time, effect, actor, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          event.pipeline,
          event.name,
          toIso(event.from),
          toIso(event.until),
          event.effect,
          event.actor,
          toIso(event.recordedAt),
        ),
    list: (pipeline) =>
      db
        .prepare<[string], EventRow>('SELECT * FROM event WHERE pipeline = ? ORDER BY from_time, id')
        .all(pipeline)
        .map((row) => ({
          pipeline: row.pipeline as PipelineName,
          name: row.name,
          from: fromIso(row.from_time),
          until: fromIso(row.until_time),
          effect: oneOf(EVENT_EFFECTS, row.effect, 'effect'),
          actor: row.actor,
          recordedAt: fromIso(row.recorded_at),
        })),
  };
}
