import { FIRST } from './001-first.js';
import { SKIPPED } from './002-skipped.js';
import { LOOK_SCHEMA } from './003-look-schema.js';
import { WINDOWS } from './004-windows.js';
import { EVENT } from './005-event.js';
import { RUN_SCHEMA } from './006-run-schema.js';
import { PERFORMANCE } from './007-performance.js';
import { DECIDING } from './008-deciding.js';
import { LEDGER } from './009-ledger.js';
import { UPKEEP } from './010-upkeep.js';
import { EXCHANGE } from './011-exchange.js';
import { SEALS } from './012-seals.js';
import { PERFORMANCE_EPISODE } from './013-performance-episode.js';
import { PULLED_MOVE } from './014-pulled-move.js';
import { STORED_INPUT } from './015-stored-input.js';
import { PROFILE_ONCE } from './016-profile-once.js';
import { ATTEMPT_JOB } from './017-attempt-job.js';
import { SOURCE_SNAPSHOT } from './018-source-snapshot.js';
import { TRAINING_WINDOW } from './019-training-window.js';

/** Migrations in order. A released migration never changes. `PRAGMA user_version` is the number applied. */
export const MIGRATIONS: readonly string[] = [
  FIRST,
  SKIPPED,
  LOOK_SCHEMA,
  WINDOWS,
  EVENT,
  RUN_SCHEMA,
  PERFORMANCE,
  DECIDING,
  LEDGER,
  UPKEEP,
  EXCHANGE,
  SEALS,
  PERFORMANCE_EPISODE,
  PULLED_MOVE,
  STORED_INPUT,
  PROFILE_ONCE,
  ATTEMPT_JOB,
  SOURCE_SNAPSHOT,
  TRAINING_WINDOW,
];
