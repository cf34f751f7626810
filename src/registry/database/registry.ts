import type Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import type { Registry } from '../../domain/ports/registry.js';
import { ok, type Result } from '../../domain/support/result.js';
import { createFindingRecords } from '../data/findings.js';
import { createEventRecords } from '../data/named-events.js';
import { createPerformanceRecords } from '../data/performance.js';
import { createProfileRecords } from '../data/profiles.js';
import { createSchemaRecords } from '../data/schemas.js';
import { createSnapshotRecords } from '../data/snapshots.js';
import { createDecisionRecords } from '../decisions/decisions.js';
import { createNoticeRecords } from '../decisions/notices.js';
import { createOperatorActionRecords, createTickRecords } from '../decisions/ticks.js';
import { createTriggerRecords } from '../decisions/triggers.js';
import { createUpkeep } from '../integrity/upkeep.js';
import { createModelRecords } from '../models/models.js';
import { createRunRecords } from '../runs/runs.js';
import { type OpenMode, openDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';
import { keepLedgerHead, rewoundAt } from './ledger-head.js';

/** Opens the registry. Fails like `openDatabase`. */
export function openRegistry(path: string, mode: OpenMode): Result<Registry, Failure> {
  const opened = openDatabase(path, mode);
  if (!opened.ok) return opened;
  const db = opened.value;
  const rewound = mode === 'write' ? rewoundAt(db, path) : undefined;
  const commits = createGroupCommit(db, path);
  const records = createRecords(db, path);
  return ok({
    write: commits.write,
    get runs() {
      return records.runs();
    },
    get models() {
      return records.models();
    },
    get decisions() {
      return records.decisions();
    },
    get findings() {
      return records.findings();
    },
    get events() {
      return records.events();
    },
    get schemas() {
      return records.schemas();
    },
    get snapshots() {
      return records.snapshots();
    },
    get profiles() {
      return records.profiles();
    },
    get performance() {
      return records.performance();
    },
    get triggers() {
      return records.triggers();
    },
    get ticks() {
      return records.ticks();
    },
    get operatorActions() {
      return records.operatorActions();
    },
    get notices() {
      return records.notices();
    },
    get upkeep() {
      return records.upkeep();
    },
    exchange: () => records.exchange(),
    [Symbol.dispose]: () => {
      commits.flush();
      if (mode === 'write') keepLedgerHead(db, path, rewound);
      db.close();
    },
  });
}

const createRecords = (db: Database.Database, path: string) => ({
  runs: once(() => createRunRecords(db)),
  models: once(() => createModelRecords(db)),
  decisions: once(() => createDecisionRecords(db)),
  findings: once(() => createFindingRecords(db)),
  events: once(() => createEventRecords(db)),
  schemas: once(() => createSchemaRecords(db)),
  snapshots: once(() => createSnapshotRecords(db)),
  profiles: once(() => createProfileRecords(db)),
  performance: once(() => createPerformanceRecords(db)),
  triggers: once(() => createTriggerRecords(db)),
  ticks: once(() => createTickRecords(db)),
  operatorActions: once(() => createOperatorActionRecords(db)),
  notices: once(() => createNoticeRecords(db)),
  upkeep: once(() => createUpkeep(db, path)),
  exchange: once(async () => (await import('../exchange/exchange.js')).createExchange(db)),
});

/** Creates records on first use, because compiling their statements takes time and most commands use only a few. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
