/**
 * Results of `check-performance`. Windows and streams are a cache that makes the next check cheap and can be measured again.
 * Checks are history and are kept.
 */
export const PERFORMANCE = `
CREATE TABLE performance_window(
  pipeline TEXT NOT NULL, stream TEXT NOT NULL, place INTEGER NOT NULL, checksum TEXT NOT NULL, window_json TEXT NOT NULL,
  PRIMARY KEY (pipeline, stream, place)) STRICT, WITHOUT ROWID;
CREATE TABLE performance_stream(
  pipeline TEXT NOT NULL, stream TEXT NOT NULL, state_json TEXT NOT NULL,
  PRIMARY KEY (pipeline, stream)) STRICT, WITHOUT ROWID;
CREATE TABLE performance_check(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, version INTEGER, now TEXT NOT NULL, checked_at TEXT NOT NULL,
  report_json TEXT NOT NULL) STRICT;
CREATE INDEX performance_check_by_pipeline ON performance_check(pipeline, id);
CREATE TRIGGER performance_check_no_update BEFORE UPDATE ON performance_check
  BEGIN SELECT RAISE(ABORT, 'performance_check is append-only'); END;
CREATE TRIGGER performance_check_no_delete BEFORE DELETE ON performance_check
  BEGIN SELECT RAISE(ABORT, 'performance_check is append-only'); END;
`;
