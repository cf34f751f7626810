/** The schema inferred from a run's data. Later data checks use it. Its text is in the store. */
export const RUN_SCHEMA = `
CREATE TABLE run_schema(
  run TEXT NOT NULL REFERENCES run, dataset TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (run, dataset)) STRICT, WITHOUT ROWID;
CREATE TRIGGER run_schema_kept BEFORE UPDATE ON run_schema BEGIN SELECT RAISE(ABORT, 'run_schema is append-only'); END;
CREATE TRIGGER run_schema_stays BEFORE DELETE ON run_schema BEGIN SELECT RAISE(ABORT, 'run_schema is append-only'); END;
`;
