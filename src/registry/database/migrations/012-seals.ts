import { TABLES_SEALED_FIRST } from './010-upkeep.js';

/** Alias moves need no seal, because the ledger's hash chain covers every one of them, and push and pull merge by it. */
export const SEALS = `
DROP TRIGGER alias_move_sealed;
DELETE FROM seal WHERE kind = 'alias_move';
`;

/** Tables whose rows are sealed on insert. */
export const SEALED_TABLES = TABLES_SEALED_FIRST.filter((table) => table !== 'alias_move');
