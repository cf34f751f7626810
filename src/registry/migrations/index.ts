import { FIRST } from './001-first.js';

/** In order; a migration is never changed once released, `PRAGMA user_version` counts those applied. */
export const MIGRATIONS: readonly string[] = [FIRST];
