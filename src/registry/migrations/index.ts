import { FIRST } from './001-first.js';
import { SKIPPED } from './002-skipped.js';
import { EVENT } from './003-event.js';

/** In order; a migration is never changed once released, `PRAGMA user_version` counts those applied. */
export const MIGRATIONS: readonly string[] = [FIRST, SKIPPED, EVENT];
