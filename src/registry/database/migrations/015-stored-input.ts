/**
 * Inputs that were copied into the store because git does not hold them. Here, because the store should have them as long as gc
 * has not removed them; another machine that pulls the run may be without.
 */
export const STORED_INPUT = `
CREATE TABLE stored_input(hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;
