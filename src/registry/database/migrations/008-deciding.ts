const APPENDED = ['trigger_event', 'decision_trigger', 'decision_conditions', 'tick', 'tick_end', 'pipeline_act'];

const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/**
 * Tables for retrain decisions: events triggered from outside, the triggers that each decision trained for (the key prevents
 * two trainings for one trigger), the evaluated conditions, every tick, and human actions. Notices are an outbox: each is
 * retried until an attempt has no problem.
 */
export const DECIDING = `
CREATE TABLE trigger_event(
  pipeline TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, actor TEXT NOT NULL, recorded_at TEXT NOT NULL,
  now TEXT NOT NULL, PRIMARY KEY (pipeline, name, key)) STRICT, WITHOUT ROWID;

CREATE TABLE decision_trigger(
  pipeline TEXT NOT NULL, trigger TEXT NOT NULL, attempt INTEGER NOT NULL,
  decision TEXT NOT NULL REFERENCES retrain_decision, PRIMARY KEY (pipeline, trigger, attempt)) STRICT, WITHOUT ROWID;
CREATE INDEX trigger_by_decision ON decision_trigger(decision);

CREATE TABLE decision_conditions(
  decision TEXT PRIMARY KEY REFERENCES retrain_decision, conditions_json TEXT, drift_json TEXT) STRICT, WITHOUT ROWID;

CREATE TABLE tick(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, actor TEXT NOT NULL, started_at TEXT NOT NULL, now TEXT NOT NULL) STRICT;
CREATE INDEX tick_by_pipeline ON tick(pipeline, id);
CREATE TABLE tick_end(
  id INTEGER PRIMARY KEY, tick INTEGER NOT NULL UNIQUE REFERENCES tick, decision TEXT REFERENCES retrain_decision, problem TEXT, detail TEXT,
  ended_at TEXT NOT NULL) STRICT;

CREATE TABLE pipeline_act(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('pause', 'resume', 'review')),
  reason TEXT NOT NULL, actor TEXT NOT NULL, acted_at TEXT NOT NULL, now TEXT NOT NULL) STRICT;
CREATE INDEX act_by_pipeline ON pipeline_act(pipeline, id);

CREATE TABLE notice_channel(channel TEXT PRIMARY KEY, seen_json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notice(
  id TEXT NOT NULL, channel TEXT NOT NULL, pipeline TEXT NOT NULL, kind TEXT NOT NULL, notice_json TEXT NOT NULL,
  written_at TEXT NOT NULL, PRIMARY KEY (id, channel)) STRICT, WITHOUT ROWID;
CREATE TABLE notice_attempt(
  id INTEGER PRIMARY KEY, notice TEXT NOT NULL, channel TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,
  problem TEXT, FOREIGN KEY (notice, channel) REFERENCES notice) STRICT;
CREATE TABLE heartbeat(id INTEGER PRIMARY KEY, sent_at TEXT NOT NULL, problem TEXT) STRICT;
CREATE INDEX attempt_by_notice ON notice_attempt(channel, notice);
${APPENDED.map(appendOnly).join('')}
`;
