import type Database from 'better-sqlite3';
import type { ContentHash, Fingerprint, ModelName, RunId, WorkspacePath } from '../../domain/ids.js';
import type { ModelVersion } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { createAliasRecords } from './aliases.js';
import { createAnswerRecords } from './approvals.js';
import { createHookRecords } from './hooks.js';
import { createJudgementRecords } from './judgements.js';
import { createLedgerRecords } from './ledger.js';
import { createPulledRecords } from './pulled-moves.js';

export interface VersionRow {
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly path: string;
  readonly run: string;
  readonly fingerprint: string | null;
  readonly registered_at: string;
}

export const toVersion = (row: VersionRow): ModelVersion => ({
  model: row.model as ModelName,
  version: row.version,
  hash: row.hash as ContentHash,
  kind: row.kind,
  size: row.size,
  path: row.path as WorkspacePath,
  run: row.run as RunId,
  ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint as Fingerprint }),
  registeredAt: fromIso(row.registered_at),
});

/** Records of model versions, their evaluations and verdicts, and the history of their aliases. */
export function createModelRecords(db: Database.Database): ModelRecords {
  const get = db.prepare<[string, number], VersionRow>('SELECT * FROM model_version WHERE model = ? AND version = ?');
  const versions = db.prepare<[string], VersionRow>('SELECT * FROM model_version WHERE model = ? ORDER BY version');
  const withHash = db.prepare<[string], VersionRow>(
    'SELECT * FROM model_version WHERE hash = ? ORDER BY model, version',
  );
  const ofRun = db.prepare<[string], VersionRow>('SELECT * FROM model_version WHERE run = ? ORDER BY model, version');
  // One index lookup per model, regardless of its number of versions.
  const names = db.prepare<[], { model: string }>(
    `WITH RECURSIVE m(model) AS (SELECT min(model) FROM model_version UNION ALL
       SELECT (SELECT min(model) FROM model_version WHERE model > m.model) FROM m WHERE m.model IS NOT NULL)
     SELECT model FROM m WHERE model IS NOT NULL`,
  );
  return {
    ...createJudgementRecords(db),
    ...createAliasRecords(db),
    ...createHookRecords(db),
    ...createAnswerRecords(db),
    ...createLedgerRecords(db),
    ...createPulledRecords(db),
    register: (version) => register(db, version),
    adopt: (version) => adopt(db, version),
    names: () => names.all().map((row) => row.model as ModelName),
    get: (ref) => {
      const row = get.get(ref.model, ref.version);
      return row === undefined ? undefined : toVersion(row);
    },
    versions: (model) => versions.all(model).map(toVersion),
    ofRun: (run) => ofRun.all(run).map(toVersion),
    withHash: (hash) => withHash.all(hash).map(toVersion),
  };
}

function register(db: Database.Database, version: Omit<ModelVersion, 'version'>) {
  return db
    .transaction(() => {
      const same = db
        .prepare<[string, string, string | null], VersionRow>(
          'SELECT * FROM model_version WHERE model = ? AND hash = ? AND fingerprint IS ? ORDER BY version DESC LIMIT 1',
        )
        .get(version.model, version.hash, version.fingerprint ?? null);
      if (same !== undefined && version.fingerprint !== undefined) return { version: toVersion(same), isNew: false };
      const next =
        (db
          .prepare<[string], { newest: number | null }>(
            'SELECT max(version) AS newest FROM model_version WHERE model = ?',
          )
          .get(version.model)?.newest ?? 0) + 1;
      insertVersion(db, { ...version, version: next });
      return { version: { ...version, version: next }, isNew: true };
    })
    .immediate();
}

const insertVersion = (db: Database.Database, version: ModelVersion): void =>
  void db
    .prepare('INSERT INTO model_version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      version.model,
      version.version,
      version.hash,
      version.kind,
      version.size,
      version.path,
      version.run,
      version.fingerprint ?? null,
      toIso(version.registeredAt),
    );

const adopt = (db: Database.Database, version: ModelVersion): ReturnType<ModelRecords['adopt']> =>
  db
    .transaction(() => {
      const there = db
        .prepare<[string, number], { run: string }>('SELECT run FROM model_version WHERE model = ? AND version = ?')
        .get(version.model, version.version);
      if (there !== undefined) return there.run === version.run ? 'known' : 'taken';
      insertVersion(db, version);
      return 'added';
    })
    .immediate();
