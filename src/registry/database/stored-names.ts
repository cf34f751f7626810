import Database from 'better-sqlite3';

/** Kinds of names that the registry holds. */
export type StoredKind =
  | 'run'
  | 'model'
  | 'version'
  | 'alias'
  | 'decision'
  | 'finding'
  | 'pipeline'
  | 'step'
  | 'metric'
  /** The models that a pipeline makes, and the pipelines that make a model. */
  | 'made-model'
  | 'making-pipeline';

/** More would not be read on a screen. */
const MOST = 300;
const BUSY_TIMEOUT_MS = 50;

const QUERIES: Readonly<Record<StoredKind, string>> = {
  run: 'SELECT id AS name FROM run ORDER BY started_at DESC, id DESC',
  model: 'SELECT DISTINCT model AS name FROM model_version ORDER BY model',
  version: "SELECT model || '@' || version AS name FROM model_version ORDER BY model, version DESC",
  alias: "SELECT DISTINCT model || '@' || alias AS name FROM alias_move ORDER BY model, alias",
  decision: 'SELECT id AS name FROM retrain_decision ORDER BY decided_at DESC, id DESC',
  finding:
    'SELECT DISTINCT id AS name FROM finding WHERE id NOT IN (SELECT finding FROM resolution) ORDER BY look DESC',
  pipeline: 'SELECT DISTINCT pipeline AS name FROM run ORDER BY pipeline',
  step: 'SELECT DISTINCT step AS name FROM step_execution WHERE pipeline = coalesce(@of, pipeline) ORDER BY step',
  'made-model':
    'SELECT DISTINCT model AS name FROM model_version JOIN run ON run.id = model_version.run WHERE pipeline = @of',
  'making-pipeline':
    'SELECT DISTINCT pipeline AS name FROM model_version JOIN run ON run.id = model_version.run WHERE model = @of',
  metric: 'SELECT key AS name FROM metric_key ORDER BY key',
};

export interface StoredNames extends Disposable {
  /** Newest first where time orders them. Empty if the registry cannot be read. `of`: only those of this pipeline. */
  readonly list: (kind: StoredKind, of?: string) => readonly string[];
}

/**
 * Names in the registry, for suggestions. Nothing is migrated, created or recorded. A registry
 * that is missing, broken, busy or newer has no names.
 */
export function openStoredNames(path: string): StoredNames {
  const db = openQuietly(path);
  return {
    list: (kind, of = undefined) => {
      if (db === undefined) return [];
      try {
        const query = db.prepare<unknown[], { name: unknown }>(`${QUERIES[kind]} LIMIT ${MOST}`);
        const rows = QUERIES[kind].includes('@of') ? query.all({ of: of ?? null }) : query.all();
        return rows.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
      } catch {
        // Suggestions are no place for errors: the command itself reports what is wrong.
        return [];
      }
    },
    [Symbol.dispose]: () => void db?.close(),
  };
}

/**
 * Opened for writing like any reader, so that closing it leaves no files of the journal behind; `query_only` refuses to write.
 * Whoever may not write opens it for reading.
 */
function openQuietly(path: string): Database.Database | undefined {
  for (const readonly of [false, true]) {
    try {
      const db = new Database(path, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
      db.pragma('query_only = ON');
      return db;
    } catch {
      // The other way, or no names.
    }
  }
  return undefined;
}
