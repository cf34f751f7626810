import type { Failure } from '../domain/failure.js';
import type { Registry } from '../domain/ports/registry.js';
import { ok, type Result } from '../domain/result.js';
import { openDatabase } from './database.js';
import { createDecisionRecords } from './decisions.js';
import { createFindingRecords } from './findings.js';
import { createGroupCommit } from './group-commit.js';
import { createModelRecords } from './models.js';
import { createEventRecords } from './named-events.js';
import { createProfileRecords } from './profiles.js';
import { createRunRecords } from './runs.js';

/** Opens the registry file; `read` leaves a workspace that has none without one. */
export function openRegistry(path: string, mode: 'read' | 'write'): Result<Registry, Failure> {
  const opened = openDatabase(path, mode);
  if (!opened.ok) return opened;
  const db = opened.value;
  return ok({
    write: createGroupCommit(db, path),
    runs: createRunRecords(db),
    models: createModelRecords(db),
    decisions: createDecisionRecords(db),
    findings: createFindingRecords(db),
    events: createEventRecords(db),
    profiles: createProfileRecords(db),
    [Symbol.dispose]: () => db.close(),
  });
}
