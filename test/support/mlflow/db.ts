import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Document } from '../rig.js';

/**
 * Databases of an MLflow server with the tables that its own migrations leave, of three times: before there were aliases,
 * datasets and an index by run (1.x), after logged models came (3.x, revision of 2025), and with workspaces (2026).
 */
export type MlflowAge = '1' | '3' | 'workspaces';

const EXPERIMENTS = `CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL,
  artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT,
  CONSTRAINT experiment_pk PRIMARY KEY (experiment_id), UNIQUE (name),
  CONSTRAINT experiments_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')));`;

const RUNS = (more: string): string => `CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250),
  source_type VARCHAR(20), source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9),
  start_time BIGINT, end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
  experiment_id INTEGER, ${more} CONSTRAINT run_pk PRIMARY KEY (run_uuid),
  FOREIGN KEY(experiment_id) REFERENCES experiments (experiment_id),
  CONSTRAINT runs_lifecycle_stage CHECK (lifecycle_stage IN ('active', 'deleted')),
  CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED')));`;

const CORE = (tag: number): string => `
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE experiment_tags (key VARCHAR(250) NOT NULL, value VARCHAR(5000), experiment_id INTEGER NOT NULL,
  CONSTRAINT experiment_tag_pk PRIMARY KEY (key, experiment_id));
CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL,
  CONSTRAINT param_pk PRIMARY KEY (key, run_uuid), FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid));
CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(${tag}), run_uuid VARCHAR(32) NOT NULL,
  CONSTRAINT tag_pk PRIMARY KEY (key, run_uuid), FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid));
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL,
  step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
  CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan),
  FOREIGN KEY(run_uuid) REFERENCES runs (run_uuid), CHECK (is_nan IN (0, 1)));
CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT, step BIGINT NOT NULL,
  is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL, CONSTRAINT latest_metric_pk PRIMARY KEY (key, run_uuid));`;

const MODELS = (more: string, key: string, version: string): string => `
CREATE TABLE registered_models (name VARCHAR(256) NOT NULL, creation_time BIGINT, last_updated_time BIGINT,
  description VARCHAR(5000), ${more} CONSTRAINT registered_model_pk PRIMARY KEY (${key}name));
CREATE TABLE model_versions (name VARCHAR(256) NOT NULL, version INTEGER NOT NULL, creation_time BIGINT,
  last_updated_time BIGINT, description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500),
  run_id VARCHAR(32), status VARCHAR(20), status_message VARCHAR(500), run_link VARCHAR(500), ${version} ${more}
  CONSTRAINT model_version_pk PRIMARY KEY (${key}name, version));
CREATE TABLE registered_model_tags (key VARCHAR(250) NOT NULL, value VARCHAR(5000), name VARCHAR(256) NOT NULL, ${more}
  CONSTRAINT registered_model_tag_pk PRIMARY KEY (${key}key, name));
CREATE TABLE model_version_tags (key VARCHAR(250) NOT NULL, value TEXT, name VARCHAR(256) NOT NULL, version INTEGER NOT NULL,
  ${more} CONSTRAINT model_version_tag_pk PRIMARY KEY (${key}key, name, version));`;

const LATER = (more: string, key: string): string => `
CREATE TABLE registered_model_aliases (alias VARCHAR(256) NOT NULL, version INTEGER NOT NULL, name VARCHAR(256) NOT NULL,
  ${more} CONSTRAINT registered_model_alias_pk PRIMARY KEY (${key}name, alias));
CREATE TABLE datasets (dataset_uuid VARCHAR(36) NOT NULL, experiment_id INTEGER NOT NULL, name VARCHAR(500) NOT NULL,
  digest VARCHAR(36) NOT NULL, dataset_source_type VARCHAR(36) NOT NULL, dataset_source TEXT NOT NULL, dataset_schema TEXT,
  dataset_profile TEXT, CONSTRAINT dataset_pk PRIMARY KEY (experiment_id, name, digest));
CREATE TABLE inputs (input_uuid VARCHAR(36) NOT NULL, source_type VARCHAR(36) NOT NULL, source_id VARCHAR(36) NOT NULL,
  destination_type VARCHAR(36) NOT NULL, destination_id VARCHAR(36) NOT NULL, step BIGINT DEFAULT '0' NOT NULL,
  CONSTRAINT inputs_pk PRIMARY KEY (source_type, source_id, destination_type, destination_id));
CREATE TABLE logged_models (model_id VARCHAR(36) NOT NULL, experiment_id INTEGER NOT NULL, name VARCHAR(500) NOT NULL,
  artifact_location VARCHAR(1000) NOT NULL, creation_timestamp_ms BIGINT NOT NULL, last_updated_timestamp_ms BIGINT NOT NULL,
  status INTEGER NOT NULL, lifecycle_stage VARCHAR(32), model_type VARCHAR(500), source_run_id VARCHAR(32),
  status_message VARCHAR(1000), CONSTRAINT logged_models_pk PRIMARY KEY (model_id));`;

const INDEXES = `CREATE INDEX index_params_run_uuid ON params (run_uuid); CREATE INDEX index_tags_run_uuid ON tags (run_uuid);
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);`;

const WORKSPACE = "workspace VARCHAR(63) DEFAULT 'default' NOT NULL,";

const SCHEMA: Readonly<Record<MlflowAge, string>> = {
  1: EXPERIMENTS + RUNS('') + CORE(5000) + MODELS('', '', ''),
  3:
    EXPERIMENTS +
    RUNS('deleted_time BIGINT,') +
    CORE(8000) +
    MODELS('', '', 'storage_location VARCHAR(500),') +
    LATER('', '') +
    INDEXES,
  workspaces:
    EXPERIMENTS.replace('creation_time BIGINT,', `creation_time BIGINT, ${WORKSPACE}`).replace(
      'UNIQUE (name)',
      'UNIQUE (workspace, name)',
    ) +
    RUNS('deleted_time BIGINT,') +
    CORE(8000) +
    MODELS(WORKSPACE, 'workspace, ', 'storage_location VARCHAR(500),') +
    LATER(WORKSPACE, 'workspace, ') +
    INDEXES,
};

export interface MlflowDb extends Disposable {
  /** A row of one of its tables; columns that are not named stay empty. */
  readonly add: (table: string, row: Document) => void;
  /** A run of experiment 1 that has ended, with what else it has. */
  readonly run: (
    id: string,
    parts?: {
      readonly row?: Document;
      readonly params?: Readonly<Record<string, string>>;
      readonly tags?: Readonly<Record<string, string>>;
      /** Key, value (`NaN` too), step, timestamp. */
      readonly metrics?: readonly (readonly [string, number, number?, number?])[];
    },
  ) => void;
  readonly sql: (text: string) => void;
}

/** 2026-03-01 12:00 UTC. */
export const STARTED = Date.UTC(2026, 2, 1, 12);

export const uuid = (n: number): string => `${n}`.padStart(12, 'a').padEnd(32, 'b');

export function createMlflowDb(path: string, age: MlflowAge = '3'): MlflowDb {
  mkdirSync(dirname(path), { recursive: true });
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.exec(SCHEMA[age]);
  const add: MlflowDb['add'] = (table, row) => {
    const keys = Object.keys(row);
    db.prepare(`INSERT INTO ${table}(${keys.join(', ')}) VALUES (${keys.map((key) => `@${key}`).join(', ')})`).run(row);
  };
  add('experiments', { experiment_id: 1, name: 'churn', artifact_location: 'mlruns/1', lifecycle_stage: 'active' });
  return {
    add,
    sql: (text) => void db.exec(text),
    run: (id, { row = {}, params = {}, tags = {}, metrics = [] } = {}) => {
      add('runs', {
        run_uuid: id,
        source_type: 'LOCAL',
        user_id: 'ann',
        status: 'FINISHED',
        start_time: STARTED,
        end_time: STARTED + 60_000,
        source_version: '',
        lifecycle_stage: 'active',
        artifact_uri: `mlruns/1/${id}/artifacts`,
        experiment_id: 1,
        ...row,
      });
      for (const [key, value] of Object.entries(params)) add('params', { run_uuid: id, key, value });
      for (const [key, value] of Object.entries(tags)) add('tags', { run_uuid: id, key, value });
      for (const [key, value, step = 0, timestamp = STARTED + step] of metrics)
        add('metrics', {
          run_uuid: id,
          key,
          // as the server stores what is no number, and what has no end
          value: Number.isNaN(value) ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)),
          is_nan: Number.isNaN(value) ? 1 : 0,
          step,
          timestamp,
        });
    },
    [Symbol.dispose]: () => db.close(),
  };
}
