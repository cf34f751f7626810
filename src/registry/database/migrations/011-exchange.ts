const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`;

/**
 * State of push and pull: how far each remote's log was merged, which facts each remote has, which objects only a remote has.
 * Also the results of conflicts: moves that another machine's move overtook, and renumbered versions.
 * `root` is the hash of a remote's first entry. `place` is a hash of its location, so that no path of a machine is stored.
 */
export const EXCHANGE = `
CREATE TABLE remote(
  id INTEGER PRIMARY KEY, root TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, hash TEXT NOT NULL,
  ledger_sequence INTEGER NOT NULL, ledger_hash TEXT NOT NULL, aliases_json TEXT NOT NULL) STRICT;
CREATE TABLE remote_place(place TEXT PRIMARY KEY, root TEXT NOT NULL REFERENCES remote(root)) STRICT, WITHOUT ROWID;
CREATE TABLE sent(
  remote INTEGER NOT NULL REFERENCES remote, kind TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (remote, kind, key)) STRICT, WITHOUT ROWID;
CREATE TABLE elsewhere(
  hash TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, is_executable INTEGER NOT NULL,
  PRIMARY KEY (hash, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE overtaken_move(
  model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, moved_at TEXT NOT NULL, run TEXT NOT NULL,
  version INTEGER NOT NULL, hash TEXT NOT NULL, move_json TEXT NOT NULL, overtaken_at TEXT NOT NULL,
  PRIMARY KEY (model, alias, generation, moved_at, run)) STRICT, WITHOUT ROWID;
CREATE TABLE renumbered(
  model TEXT NOT NULL, run TEXT NOT NULL, former INTEGER NOT NULL, version INTEGER NOT NULL, renumbered_at TEXT NOT NULL,
  PRIMARY KEY (model, run, former, version)) STRICT, WITHOUT ROWID;
${['overtaken_move', 'renumbered'].map(appendOnly).join('')}
`;
