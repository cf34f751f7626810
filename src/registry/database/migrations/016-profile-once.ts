/**
 * Each profile is stored once, under the hash of its text: the reference of a run and the raw window that it was cut from are
 * often the same rows, and so are the windows of ticks between which nothing came. Readers and writers see the tables that were
 * there before, as views.
 */
export const PROFILE_ONCE = `
CREATE TABLE profile_text(hash TEXT PRIMARY KEY, profile_json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE table_profile_use(
  hash TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL REFERENCES profile_text(hash),
  PRIMARY KEY (hash, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE window_profile_use(
  pipeline TEXT NOT NULL, window_end TEXT NOT NULL, text TEXT NOT NULL REFERENCES profile_text(hash),
  PRIMARY KEY (pipeline, window_end)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO profile_text SELECT sha256(profile_json), profile_json FROM table_profile;
INSERT OR IGNORE INTO profile_text SELECT sha256(profile_json), profile_json FROM window_profile;
INSERT INTO table_profile_use SELECT hash, kind, sha256(profile_json) FROM table_profile;
INSERT INTO window_profile_use SELECT pipeline, window_end, sha256(profile_json) FROM window_profile;
DROP TABLE table_profile;
DROP TABLE window_profile;
CREATE VIEW table_profile AS
  SELECT u.hash, u.kind, t.profile_json FROM table_profile_use AS u JOIN profile_text AS t ON t.hash = u.text;
CREATE VIEW window_profile AS
  SELECT u.pipeline, u.window_end, t.profile_json FROM window_profile_use AS u JOIN profile_text AS t ON t.hash = u.text;
CREATE TRIGGER table_profile_insert INSTEAD OF INSERT ON table_profile BEGIN
  INSERT INTO profile_text SELECT sha256(NEW.profile_json), NEW.profile_json
    WHERE NOT EXISTS (SELECT 1 FROM profile_text WHERE hash = sha256(NEW.profile_json));
  DELETE FROM table_profile_use WHERE hash = NEW.hash AND kind = NEW.kind;
  INSERT INTO table_profile_use VALUES (NEW.hash, NEW.kind, sha256(NEW.profile_json));
END;
CREATE TRIGGER window_profile_insert INSTEAD OF INSERT ON window_profile BEGIN
  INSERT INTO profile_text SELECT sha256(NEW.profile_json), NEW.profile_json
    WHERE NOT EXISTS (SELECT 1 FROM profile_text WHERE hash = sha256(NEW.profile_json));
  DELETE FROM window_profile_use WHERE pipeline = NEW.pipeline AND window_end = NEW.window_end;
  INSERT INTO window_profile_use VALUES (NEW.pipeline, NEW.window_end, sha256(NEW.profile_json));
END;
`;
