/**
 * A seal is the hash of a row, taken when it was written. With it `verify` finds disk corruption and manual changes. History
 * rows are sealed on insert; a run is sealed with its steps, links and metrics when it ends.
 */
const SEALED: Readonly<Record<string, readonly [key: string, columns: readonly string[]]>> = {
  model_version: [
    "model || '@' || version",
    ['model', 'version', 'hash', 'kind', 'size', 'path', 'run', 'fingerprint', 'registered_at'],
  ],
  evaluation: [
    'id',
    [
      'model',
      'version',
      'run',
      'data_hash',
      'metrics_json',
      'unusable_json',
      'slices_json',
      'predictions',
      'evaluated_at',
    ],
  ],
  gate_verdict: [
    'id',
    [
      'model',
      'candidate',
      'candidate_hash',
      'champion',
      'champion_hash',
      'data_hash',
      'gate_hash',
      'candidate_evaluation',
      'champion_evaluation',
      'verdict',
      'checks_json',
      'judged_at',
    ],
  ],
  alias_move: [
    'id',
    [
      'model',
      'alias',
      'generation',
      'kind',
      'from_version',
      'to_version',
      'to_hash',
      'reason',
      'is_forced',
      'actor',
      'gate',
      'decision',
      'moved_at',
      'now',
    ],
  ],
  retrain_decision: [
    'id',
    ['pipeline', 'decision', 'because_json', 'summary', 'actor', 'decided_at', 'now', 'champion'],
  ],
  decision_outcome: ['decision', ['outcome', 'run', 'candidate', 'gate', 'from_version', 'to_version', 'at']],
  finding: ["look || '/' || id", ['finding_json']],
  resolution: ['id', ['finding', 'answer', 'reason', 'actor', 'resolved_at']],
};

export const TABLES_SEALED_FIRST = Object.keys(SEALED);

const hashOf = (table: string, prefix: string): string => {
  const [, columns] = SEALED[table] ?? ['', []];
  return `sha256(json_array(${columns.map((column) => `${prefix}${column}`).join(', ')}))`;
};

const keyOf = (table: string, prefix: string): string =>
  (SEALED[table]?.[0] ?? '').replace(/\b(model|version|id|decision|look)\b/g, `${prefix}$1`);

/** SQL for the key and the current hash of each row of a sealed table. */
export const sealsOf = (table: string): string =>
  `SELECT ${keyOf(table, '')} AS key, ${hashOf(table, '')} AS sha256 FROM ${table}`;

const sealing = (table: string): string => `
INSERT INTO seal SELECT '${table}', key, sha256 FROM (${sealsOf(table)});
CREATE TRIGGER ${table}_sealed AFTER INSERT ON ${table} BEGIN
  INSERT OR REPLACE INTO seal VALUES ('${table}', ${keyOf(table, 'NEW.')}, ${hashOf(table, 'NEW.')}); END;`;

/**
 * `traced_use`: files that a step's processes opened, declared or not.
 * `collected`: objects that gc removed from the store. A missing object that is not listed here is damage.
 */
export const UPKEEP = `
CREATE TABLE seal(
  kind TEXT NOT NULL, key TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE TABLE collected(
  hash TEXT NOT NULL, collected_at TEXT NOT NULL, PRIMARY KEY (hash, collected_at)) STRICT, WITHOUT ROWID;
CREATE TABLE traced_use(
  execution INTEGER NOT NULL REFERENCES step_execution, direction TEXT NOT NULL CHECK (direction IN ('read', 'wrote')),
  path TEXT NOT NULL, PRIMARY KEY (execution, direction, path)) STRICT, WITHOUT ROWID;
CREATE TABLE traced_execution(
  execution INTEGER PRIMARY KEY REFERENCES step_execution, pipeline TEXT NOT NULL, step TEXT NOT NULL) STRICT;
CREATE INDEX traced_by_step ON traced_execution(pipeline, step, execution);
CREATE INDEX run_by_status ON run(status, started_at);
CREATE INDEX run_by_time ON run(started_at, id);
CREATE INDEX execution_by_source ON step_execution(source) WHERE source IS NOT NULL;
${TABLES_SEALED_FIRST.map(sealing).join('')}
`;
