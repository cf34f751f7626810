/** Named periods such as a campaign, a storm or an outage. Append-only. */
export const EVENT = `
CREATE TABLE event(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, name TEXT NOT NULL, from_time TEXT NOT NULL, until_time TEXT NOT NULL,
  effect TEXT NOT NULL CHECK (effect IN ('suppress', 'exclude')), actor TEXT NOT NULL, recorded_at TEXT NOT NULL) STRICT;
CREATE INDEX event_by_pipeline ON event(pipeline, from_time);
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
`;
