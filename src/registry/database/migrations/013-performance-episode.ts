const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/**
 * Falls in performance: a row when one is found and a row when it has ended. Those without an end are open. They outlive the
 * version that served when they were found, and the log that showed them.
 */
export const PERFORMANCE_EPISODE = `
CREATE TABLE performance_episode(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, metric TEXT NOT NULL, window_ms INTEGER NOT NULL, version INTEGER,
  opened TEXT NOT NULL, since TEXT NOT NULL, facts_json TEXT NOT NULL, now TEXT NOT NULL, found_at TEXT NOT NULL) STRICT;
CREATE INDEX performance_episode_by_pipeline ON performance_episode(pipeline, metric, window_ms);
CREATE TABLE performance_episode_end(
  episode INTEGER PRIMARY KEY REFERENCES performance_episode,
  because TEXT NOT NULL CHECK (because IN ('recovered', 'champion', 'resolved')),
  now TEXT NOT NULL, ended_at TEXT NOT NULL) STRICT;
CREATE VIEW performance_episode_state AS
  SELECT e.*, d.because, d.now AS ended_now, d.ended_at
  FROM performance_episode AS e LEFT JOIN performance_episode_end AS d ON d.episode = e.id;
${['performance_episode', 'performance_episode_end'].map(appendOnly).join('')}
`;
