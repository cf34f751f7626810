/** Hash of the schema file used by a data check. Its text is in the store. */
export const LOOK_SCHEMA = `
CREATE TABLE look_schema(
  look INTEGER NOT NULL REFERENCES data_look, dataset TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (look, dataset)) STRICT, WITHOUT ROWID;
CREATE TRIGGER look_schema_kept BEFORE UPDATE ON look_schema BEGIN SELECT RAISE(ABORT, 'look_schema is append-only'); END;
CREATE TRIGGER look_schema_stays BEFORE DELETE ON look_schema BEGIN SELECT RAISE(ABORT, 'look_schema is append-only'); END;
`;
