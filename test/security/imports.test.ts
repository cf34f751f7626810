import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMlflowDb, STARTED, uuid } from '../support/mlflow/db.js';
import { createRig, type Rig } from '../support/rig.js';

let rig: Rig;
let outside: string;

beforeEach(() => {
  rig = createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true", inputs: [], outputs: [] } }\n' });
  outside = mkdtempSync(join(tmpdir(), 'refit-outside-'));
  writeFileSync(join(outside, 'private.txt'), 'private words\n');
});
afterEach(() => {
  rig[Symbol.dispose]();
  rmSync(outside, { recursive: true });
});

/** A database with one good run and what a statement then makes of it; constraints are MLflow's own and can be left out. */
function databaseWith(change: string): void {
  const db = createMlflowDb(join(rig.root, 'server/mlflow.db'));
  db.run(uuid(1), { params: { trees: '40' }, tags: { team: 'blue' }, metrics: [['auc', 0.75]] });
  db.add('registered_models', { name: 'churn', creation_time: STARTED });
  db.add('model_versions', {
    name: 'churn',
    version: 1,
    creation_time: STARTED,
    run_id: uuid(1),
    source: 'x',
    status: 'READY',
  });
  db[Symbol.dispose]();
  const raw = new Database(join(rig.root, 'server/mlflow.db'));
  raw.pragma('ignore_check_constraints = ON');
  raw.pragma('foreign_keys = OFF');
  raw.exec(change);
  raw.close();
}

describe('a database of MLflow', () => {
  it.each([
    ['the id of a run is a path', "UPDATE runs SET run_uuid = '../../../evil'"],
    ['the id of a run is bytes', "UPDATE runs SET run_uuid = x'00ff'"],
    ['a start is a text', "UPDATE runs SET start_time = 'yesterday'"],
    ['a start is beyond all time', 'UPDATE runs SET start_time = 9007199254740000'],
    ['a name is bytes', "UPDATE runs SET name = x'00'"],
    ['a tag is bytes', "UPDATE tags SET value = x'00ff'"],
    ['a param is a number of bytes', 'UPDATE params SET value = zeroblob(100)'],
    ['a metric is a text', "UPDATE metrics SET value = 'high'"],
    ['a step is a fraction', 'UPDATE metrics SET step = 1.5'],
    ['a version is negative', 'UPDATE model_versions SET version = -1'],
    ['a version is a text', "UPDATE model_versions SET version = 'one'"],
    ['the run of a version is a path', "UPDATE model_versions SET run_id = '../x'"],
    [
      'an alias is an option',
      "INSERT INTO registered_model_aliases(name, alias, version) VALUES ('churn', '--force', 1)",
    ],
    ['an address is bytes', "UPDATE runs SET artifact_uri = x'2f'"],
  ])('is imported not at all if %s', async (_, change) => {
    databaseWith(change);
    const { exit, stderr } = await rig.refit('import', 'server/mlflow.db');
    expect({ exit, stderr }).toMatchObject({ exit: 7, stderr: expect.stringContaining('table ') });
    expect(rig.query('SELECT count(*) AS n FROM run')).toEqual([{ n: 0 }]);
    expect(rig.query('SELECT count(*) AS n FROM model_version')).toEqual([{ n: 0 }]);
  });

  it.each([
    ['an absolute path', () => outside],
    ['a file address', () => `file://${outside}`],
    ['a path upwards', () => `../../../../../../../..${outside}`],
    ['a link beside it', () => 'mlruns/1/link'],
  ])('brings no bytes from outside by %s', async (_, uri) => {
    databaseWith(`UPDATE runs SET artifact_uri = '${uri()}'`);
    rig.write({ 'server/mlruns/1/keep': '' });
    symlinkSync(outside, join(rig.root, 'server/mlruns/1/link'));
    const imported = await rig.json(0, 'import', 'server/mlflow.db');
    expect(JSON.stringify(imported.missing)).toContain(uri());
    const stored = rig.files('.refit').map((path) => rig.read(path));
    expect(stored.filter((text) => text.includes('private words'))).toEqual([]);
  });

  it('brings bytes from a folder that roots allows', async () => {
    databaseWith(`UPDATE runs SET artifact_uri = '${outside}'`);
    rig.write({ 'refit.yaml': `roots: [${outside}]\n` });
    await rig.json(0, 'import', 'server/mlflow.db');
    const stored = rig.files('.refit/store').map((path) => rig.read(path));
    expect(stored.filter((text) => text.includes('private words'))).toHaveLength(1);
  });

  it('gives a run that can be pushed', async () => {
    databaseWith('SELECT 1');
    await rig.json(0, 'import', 'server/mlflow.db');
    await rig.json(0, 'push', join(outside, 'remote'));
  });

  it('names no commit that could be an option of git', async () => {
    databaseWith("UPDATE runs SET source_version = '--upload-pack=touch x'");
    await rig.json(0, 'import', 'server/mlflow.db');
    expect(rig.query("SELECT json_extract(code_json, '$.commit') AS c FROM run")).toEqual([{ c: null }]);
  });
});

describe('a pipeline of DVC', () => {
  it.each(['../../../../../../etc/passwd', '/etc/passwd', '../secret.yaml'])(
    'reads no values from %s',
    async (path) => {
      rig.write({ 'sub/dvc.yaml': `vars: ['${path}']\nstages: { s: { cmd: echo \${root}, outs: [o] } }\n` });
      const { exit, stdout, stderr } = await rig.refit('import', 'sub/dvc.yaml', '-o', 'pipelines/imported.yaml');
      expect(exit).toBe(2);
      expect(stdout + stderr).not.toContain('root:');
      expect(rig.has('pipelines/imported.yaml')).toBe(false);
    },
  );
});
