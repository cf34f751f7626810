/**
 * Moves of aliases that came from a remote. One with a reason in `held` is history only: it is not in force here, until the
 * checks of this workspace let it pass. `unjudged` is where each of them starts, so that a crash leaves it held.
 */
export const PULLED_MOVE = `
CREATE TABLE pulled_move(
  model TEXT NOT NULL, alias TEXT NOT NULL, generation INTEGER NOT NULL, held TEXT, judged_at TEXT NOT NULL,
  PRIMARY KEY (model, alias, generation)) STRICT, WITHOUT ROWID;
CREATE VIEW move_in_force AS
  SELECT * FROM alias_move AS m WHERE NOT EXISTS
    (SELECT 1 FROM pulled_move AS p WHERE p.model = m.model AND p.alias = m.alias AND p.generation = m.generation
       AND p.held IS NOT NULL);
DROP VIEW current_alias;
CREATE VIEW current_alias AS
  SELECT * FROM move_in_force AS m WHERE generation =
    (SELECT max(generation) FROM move_in_force WHERE model = m.model AND alias = m.alias);
`;
