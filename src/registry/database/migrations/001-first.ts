/** History tables. A trigger rejects updates and deletes, so they are append-only. */
const APPENDED = [
  'alias_move',
  'retrain_decision',
  'decision_outcome',
  'gate_verdict',
  'evaluation',
  'data_look',
  'finding',
  'resolution',
  'publish_intent',
  'publish_intent_end',
  'model_version',
];

const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

export const FIRST = `
CREATE TABLE definition(hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE run(
  id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, file TEXT NOT NULL, definition_hash TEXT NOT NULL REFERENCES definition,
  trigger_json TEXT NOT NULL, profile TEXT, params_json TEXT NOT NULL, now TEXT NOT NULL, is_now_given INTEGER NOT NULL,
  started_at TEXT NOT NULL, code_json TEXT NOT NULL, actor TEXT NOT NULL, environment_json TEXT NOT NULL,
  process_json TEXT NOT NULL, status TEXT NOT NULL, is_tainted INTEGER NOT NULL DEFAULT 0, finished_at TEXT) STRICT;
CREATE INDEX run_by_pipeline ON run(pipeline, started_at);
CREATE INDEX run_unfinished ON run(id) WHERE status = 'running';

CREATE TABLE step_execution(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES run, pipeline TEXT NOT NULL, step TEXT NOT NULL, role TEXT,
  status TEXT NOT NULL, reasons_json TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, failure_json TEXT,
  source INTEGER REFERENCES step_execution, fingerprint TEXT, parts_json TEXT,
  is_remembered INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX execution_by_run ON step_execution(run);
CREATE INDEX execution_by_step ON step_execution(pipeline, step, id);
CREATE INDEX execution_by_fingerprint ON step_execution(fingerprint, id) WHERE fingerprint IS NOT NULL;

CREATE TABLE attempt(
  id INTEGER PRIMARY KEY, execution INTEGER NOT NULL REFERENCES step_execution, number INTEGER NOT NULL,
  log_path TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, process_json TEXT, outcome_json TEXT) STRICT;
CREATE INDEX attempt_by_execution ON attempt(execution, number);

CREATE TABLE artifact(
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE TABLE lineage(
  execution INTEGER NOT NULL REFERENCES step_execution, direction TEXT NOT NULL CHECK (direction IN ('read', 'wrote')),
  path TEXT NOT NULL, artifact INTEGER NOT NULL REFERENCES artifact, dataset TEXT, name TEXT, rows INTEGER,
  PRIMARY KEY (execution, direction, path)) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_by_artifact ON lineage(artifact, direction, execution);

CREATE TABLE metric_key(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE metric(
  execution INTEGER NOT NULL, key INTEGER NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (execution, key, step)) STRICT, WITHOUT ROWID;

CREATE TABLE output_backup(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL, path TEXT NOT NULL, aside_path TEXT NOT NULL,
  is_open INTEGER NOT NULL) STRICT;
CREATE INDEX backup_open ON output_backup(id) WHERE is_open = 1;

CREATE TABLE model_version(
  model TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL,
  path TEXT NOT NULL, run TEXT NOT NULL REFERENCES run, fingerprint TEXT, registered_at TEXT NOT NULL,
  PRIMARY KEY (model, version)) STRICT, WITHOUT ROWID;
CREATE INDEX version_by_hash ON model_version(hash);
CREATE INDEX version_by_run ON model_version(run);

CREATE TABLE evaluation(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL, run TEXT NOT NULL REFERENCES run,
  data_hash TEXT NOT NULL, metrics_json TEXT NOT NULL, unusable_json TEXT NOT NULL, slices_json TEXT NOT NULL,
  predictions TEXT, evaluated_at TEXT NOT NULL,
  FOREIGN KEY (model, version) REFERENCES model_version) STRICT;
CREATE INDEX evaluation_by_version ON evaluation(model, version);

CREATE TABLE gate_verdict(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, candidate INTEGER NOT NULL, candidate_hash TEXT NOT NULL,
  champion INTEGER, champion_hash TEXT, data_hash TEXT, gate_hash TEXT NOT NULL,
  candidate_evaluation INTEGER REFERENCES evaluation, champion_evaluation INTEGER REFERENCES evaluation,
  verdict TEXT NOT NULL, checks_json TEXT NOT NULL, judged_at TEXT NOT NULL,
  FOREIGN KEY (model, candidate) REFERENCES model_version) STRICT;
CREATE INDEX verdict_by_candidate ON gate_verdict(model, candidate);

CREATE TABLE publish_intent(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, alias TEXT NOT NULL, expected_generation INTEGER NOT NULL,
  move_json TEXT NOT NULL, publish_path TEXT, folder TEXT, opened_at TEXT NOT NULL) STRICT;
CREATE TABLE publish_intent_end(
  intent INTEGER PRIMARY KEY REFERENCES publish_intent, outcome TEXT NOT NULL, reason TEXT, ended_at TEXT NOT NULL) STRICT;

CREATE TABLE alias_move(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, kind TEXT NOT NULL,
  from_version INTEGER, to_version INTEGER NOT NULL, to_hash TEXT NOT NULL, reason TEXT NOT NULL,
  is_forced INTEGER NOT NULL, actor TEXT NOT NULL, gate INTEGER REFERENCES gate_verdict, decision TEXT,
  moved_at TEXT NOT NULL, now TEXT NOT NULL, UNIQUE (model, alias, generation),
  FOREIGN KEY (model, to_version) REFERENCES model_version) STRICT;
CREATE VIEW current_alias AS
  SELECT * FROM alias_move AS m WHERE generation =
    (SELECT max(generation) FROM alias_move WHERE model = m.model AND alias = m.alias);

CREATE TABLE retrain_decision(
  id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, decision TEXT NOT NULL, because_json TEXT NOT NULL, summary TEXT NOT NULL,
  actor TEXT NOT NULL, decided_at TEXT NOT NULL, now TEXT NOT NULL, champion INTEGER) STRICT;
CREATE INDEX decision_by_pipeline ON retrain_decision(pipeline, decided_at);
CREATE TABLE decision_outcome(
  decision TEXT PRIMARY KEY REFERENCES retrain_decision, outcome TEXT NOT NULL, run TEXT REFERENCES run,
  candidate INTEGER, gate INTEGER REFERENCES gate_verdict, from_version INTEGER, to_version INTEGER,
  at TEXT NOT NULL) STRICT;
CREATE INDEX outcome_by_run ON decision_outcome(run);

CREATE TABLE data_look(
  id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL, scope TEXT NOT NULL, decision TEXT, run TEXT,
  seen_at TEXT NOT NULL, now TEXT NOT NULL) STRICT;
CREATE INDEX look_by_scope ON data_look(pipeline, scope, id);
CREATE TABLE finding(
  look INTEGER NOT NULL REFERENCES data_look, id TEXT NOT NULL, finding_json TEXT NOT NULL,
  PRIMARY KEY (look, id)) STRICT, WITHOUT ROWID;
CREATE TABLE resolution(
  id INTEGER PRIMARY KEY, finding TEXT NOT NULL, answer TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,
  resolved_at TEXT NOT NULL) STRICT;

CREATE TABLE table_profile(
  hash TEXT NOT NULL, kind TEXT NOT NULL, profile_json TEXT NOT NULL, PRIMARY KEY (hash, kind)) STRICT, WITHOUT ROWID;
${APPENDED.map(appendOnly).join('')}
`;
