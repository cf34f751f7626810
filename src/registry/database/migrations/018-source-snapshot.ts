/**
 * What was read from databases, object stores, addresses and commands: one row a snapshot, never changed. The bytes are a Parquet
 * file of the store. `place` holds no user name and no password. Rows of one `definition` ask the same question. Another machine
 * that pulls a run gets the bytes as inputs of the run; it takes snapshots of its own.
 */
export const SOURCE_SNAPSHOT = `
CREATE TABLE source_snapshot(
  id INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL, dataset TEXT NOT NULL, definition TEXT NOT NULL,
  kind TEXT NOT NULL, place TEXT NOT NULL, question TEXT NOT NULL, params_json TEXT NOT NULL,
  object TEXT NOT NULL, window_from TEXT NOT NULL, window_until TEXT NOT NULL,
  version TEXT, updated TEXT, columns_json TEXT NOT NULL,
  hash TEXT NOT NULL, size INTEGER NOT NULL, rows INTEGER NOT NULL, read_at TEXT NOT NULL) STRICT;
CREATE INDEX source_snapshot_window ON source_snapshot(pipeline, dataset, definition, window_from);
CREATE INDEX source_snapshot_hash ON source_snapshot(hash);
CREATE TRIGGER source_snapshot_no_update BEFORE UPDATE ON source_snapshot
BEGIN SELECT RAISE(ABORT, 'source_snapshot is append-only'); END;
CREATE TRIGGER source_snapshot_no_delete BEFORE DELETE ON source_snapshot
BEGIN SELECT RAISE(ABORT, 'source_snapshot is append-only'); END;
`;
