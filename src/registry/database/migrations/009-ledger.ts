const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/**
 * Approvals and rejections, hooks owed by alias moves, notes, and the ledger: a hash chain over all of them, so that nobody can
 * rewrite the serving history unnoticed.
 */
export const LEDGER = `
CREATE TABLE approval(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('approved', 'rejected')), reason TEXT NOT NULL, actor TEXT NOT NULL,
  given_at TEXT NOT NULL, now TEXT NOT NULL, expires_at TEXT, FOREIGN KEY (model, version) REFERENCES model_version) STRICT;
CREATE INDEX approval_by_version ON approval(model, version);
ALTER TABLE alias_move ADD COLUMN approval INTEGER REFERENCES approval;
ALTER TABLE alias_move ADD COLUMN trigger_kind TEXT;
ALTER TABLE publish_intent ADD COLUMN hooks_json TEXT;

CREATE TABLE owed_hook(
  model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, hook TEXT NOT NULL,
  PRIMARY KEY (model, alias, generation, hook),
  FOREIGN KEY (model, alias, generation) REFERENCES alias_move(model, alias, generation)) STRICT, WITHOUT ROWID;
CREATE TABLE hook_attempt(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, hook TEXT NOT NULL,
  outcome TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
  FOREIGN KEY (model, alias, generation, hook) REFERENCES owed_hook) STRICT;
CREATE TABLE hook_end(
  model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, hook TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'failed', 'superseded')), detail TEXT NOT NULL, ended_at TEXT NOT NULL,
  PRIMARY KEY (model, alias, generation, hook),
  FOREIGN KEY (model, alias, generation, hook) REFERENCES owed_hook) STRICT, WITHOUT ROWID;

CREATE TABLE note(
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER, text TEXT NOT NULL, actor TEXT NOT NULL,
  noted_at TEXT NOT NULL) STRICT;
CREATE INDEX note_by_model ON note(model);

CREATE TABLE ledger_entry(
  sequence INTEGER PRIMARY KEY, model TEXT NOT NULL, kind TEXT NOT NULL, entry_json TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT;
CREATE INDEX ledger_by_model ON ledger_entry(model, sequence);
${['approval', 'owed_hook', 'hook_attempt', 'hook_end', 'note', 'ledger_entry'].map(appendOnly).join('')}
`;
