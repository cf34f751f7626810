import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMlflowDb, type MlflowDb, STARTED, uuid } from '../support/mlflow/db.js';
import { readExport } from '../support/mlflow/export.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const OPEN = uuid(4);

/** A server's folder beside the workspace: its database and the artifacts of its runs. */
function filled(rig: Rig): MlflowDb {
  const db = createMlflowDb(join(rig.root, 'server/mlflow.db'));
  rig.write({
    [`server/mlruns/1/${uuid(1)}/artifacts/model/model.pkl`]: 'one',
    [`server/mlruns/1/${uuid(1)}/artifacts/plot.png`]: 'plot',
    'server/mlruns/1/models/m-1/artifacts/model.pkl': 'two',
  });
  db.run(uuid(1), {
    row: { name: 'quick-fox' },
    params: { trees: '40', lr: '1e-3', deep: 'True', code: '007', id: '12345678901234567890', name: 'x' },
    tags: {
      'mlflow.user': 'bob',
      'mlflow.source.git.commit': 'a'.repeat(40),
      'mlflow.log-model.history': '[]',
      team: 'blue',
    },
    metrics: [
      ['auc', 0.75],
      ...[1, 2, 3].map((step) => ['loss', 1 / step, step] as const),
      ['loss', Number.NaN, 4],
      ['grad', Number.POSITIVE_INFINITY, 1],
      ...[5, 6, 7].map((value, at) => ['plain', value, 0, STARTED + at] as const),
    ],
  });
  db.add('datasets', {
    dataset_uuid: 'd1',
    experiment_id: 1,
    name: 'rows',
    digest: 'abc',
    dataset_source_type: 'local',
    dataset_source: '{"uri":"/data/rows.csv"}',
  });
  db.add('inputs', {
    input_uuid: 'i1',
    source_type: 'DATASET',
    source_id: 'd1',
    destination_type: 'RUN',
    destination_id: uuid(1),
  });
  db.run(uuid(2), { row: { status: 'FAILED', start_time: STARTED + 1000, artifact_uri: 's3://bucket/1/x/artifacts' } });
  db.run(uuid(3), {
    row: { status: 'RUNNING', end_time: null, start_time: STARTED + 2000 },
    metrics: [['auc', 0.5, 0, STARTED + 9000]],
  });
  db.run(OPEN, { row: { status: 'RUNNING', end_time: null, start_time: Date.now() } });
  db.run(uuid(5), { row: { lifecycle_stage: 'deleted', deleted_time: STARTED } });
  db.run(uuid(6), { row: { status: 'KILLED', start_time: STARTED + 3000 } });
  db.add('registered_models', { name: 'churn model', creation_time: STARTED, description: 'Who leaves.' });
  db.add('registered_model_tags', { name: 'churn model', key: 'team', value: 'blue' });
  const version = (number: number, run: string, source: string, more: Document = {}) =>
    db.add('model_versions', {
      name: 'churn model',
      version: number,
      creation_time: STARTED + number,
      last_updated_time: STARTED + number,
      current_stage: 'None',
      status: 'READY',
      run_id: run,
      source,
      ...more,
    });
  version(2, uuid(1), `runs:/${uuid(1)}/model`, { current_stage: 'Production', user_id: 'ann' });
  version(3, uuid(6), 'REDACTED-SOURCE-PATH', { current_stage: 'Deleted_Internal' });
  version(5, uuid(6), 'models:/m-1', { current_stage: 'Staging', description: 'better' });
  version(7, uuid(5), 's3://bucket/5/model');
  db.add('logged_models', {
    model_id: 'm-1',
    experiment_id: 1,
    name: 'model',
    artifact_location: 'mlruns/1/models/m-1/artifacts',
    creation_timestamp_ms: STARTED,
    last_updated_timestamp_ms: STARTED,
    status: 2,
  });
  db.add('registered_model_aliases', { name: 'churn model', alias: 'best', version: 5 });
  return db;
}

it('imports runs, metrics, versions with their numbers and names, and reports what it cannot import', async () => {
  using rig = createRig();
  using db = filled(rig);
  // The server keeps writing to the database.
  db.sql('UPDATE experiments SET last_update_time = 1');
  const said = await rig.json(0, 'import', 'server/mlflow.db');
  expect(said).toMatchObject({
    pipelines: ['churn'],
    runs: 4,
    known_runs: 0,
    lost_runs: 1,
    running_runs: 1,
    deleted_runs: 1,
    metric_points: 8,
    models: ['churn-model'],
    versions: 3,
    deleted_versions: 1,
    complete: true,
  });
  expect(said.missing).toEqual([
    expect.stringMatching(/^run .*: s3:\/\/bucket\/1\/x\/artifacts$/),
    'churn-model@7: s3://bucket/5/model',
  ]);
  expect(said.aliases).toEqual([
    'churn-model@best is version 5 (alias "best")',
    'churn-model@champion is version 2 (stage Production)',
    'churn-model@staging is version 5 (stage Staging)',
  ]);
  const { runs } = await rig.json(0, 'runs', 'churn');
  expect(runs.map((run: Document) => [run.status, run.started_at])).toEqual([
    ['cancelled', '2026-03-01T12:00:03.000Z'],
    ['lost', '2026-03-01T12:00:02.000Z'],
    ['failed', '2026-03-01T12:00:01.000Z'],
    ['succeeded', '2026-03-01T12:00:00.000Z'],
  ]);
  const id = runs[3].id;
  expect(id).toBe(`20260301-120000-${uuid(1).slice(0, 12)}`);
  const { run, metrics } = await rig.json(0, 'show', id);
  expect(run).toMatchObject({
    actor: 'bob',
    commit: 'a'.repeat(40),
    params: { trees: 40, lr: 0.001, deep: true, code: '007', id: '12345678901234567890', name: 'x' },
    environment: {
      origin: {
        system: 'mlflow',
        id: uuid(1),
        name: 'quick-fox',
        experiment: 'churn',
        tags: { team: 'blue' },
        datasets: [{ name: 'rows', digest: 'abc' }],
        metrics: {
          loss: 'NaN at step 4',
          grad: 'infinity at step 1',
          plain: '3 values of step 0 are numbered in their order',
        },
      },
    },
  });
  const [{ points }] = metrics;
  expect(points).toContainEqual({ key: 'auc', value: 0.75 });
  expect(points.filter((point: Document) => point.key === 'loss').map((point: Document) => point.step)).toEqual([
    1, 2, 3,
  ]);
  expect(points.filter((point: Document) => point.key === 'plain')).toMatchObject(
    [5, 6, 7].map((value, step) => ({ value, step })),
  );
  expect((await rig.json(0, 'runs', '--where', 'param.trees = 40 and metric.auc > 0.7')).runs).toHaveLength(1);
  // A series that ended in NaN or infinity has no value to be found by, and no best one.
  for (const filter of ['metric.loss < 1', 'metric.grad > 0'])
    expect((await rig.json(0, 'runs', '--where', `param.trees = 40 and ${filter}`)).runs).toEqual([]);
  const table = await rig.json(0, 'metrics', 'churn');
  const listed = table.runs.find((one: Document) => one.run === id);
  expect(listed).toMatchObject({ metrics: { auc: 0.75 }, ended: { loss: 'NaN', grad: 'infinity' } });
  expect(Object.keys(listed.metrics)).not.toContain('loss');
  expect((await rig.refit('metrics', 'churn')).stdout).toMatch(/NaN/);
  const { versions, notes } = await rig.json(0, 'models', 'churn-model');
  expect(versions.map((one: Document) => [one.version, one.champion, one.run])).toMatchObject([
    [2, true, id],
    [5, false, runs[0].id],
    [7, false, expect.stringMatching(/^20260301-120000-/)],
  ]);
  const texts = notes.map((note: Document) => note.text).join('\n');
  for (const words of ['Who leaves.; tags team=blue', 'better; stage Staging', 'its bytes were not found'])
    expect(texts).toContain(words);
  const why = await rig.json(0, 'why', 'churn-model');
  expect(why.steps).toHaveLength(1);
  const shown = await rig.refit('show', id);
  expect(shown.stdout).toContain(`run ${uuid(1)} of mlflow`);
  expect(shown.stdout).toContain('NaN at step 4');
  for (const command of ['status', 'verify', 'doctor', 'delivery'])
    expect([command, (await rig.refit(command)).exit]).toEqual([command, 0]);
  expect((await rig.refit('gc')).exit).toBe(0);
  expect(await rig.refit('reproduce', 'churn-model')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('was imported: its exact commands are unknown'),
  });
  // Exported back to MLflow, a run has its original id, tags and metric series.
  await rig.json(0, 'export', 'mlflow', '-o', 'out');
  const back = readExport(join(rig.root, 'out')).runs.get(uuid(1));
  expect(back).toMatchObject({ info: { run_name: 'quick-fox' }, tags: { team: 'blue', 'mlflow.user': 'bob' } });
  expect(back.metrics.loss.map((point: Document) => point.step)).toEqual([1, 2, 3]);
});

it('adds only new data on a second import, and keeps aliases that refit has moved', async () => {
  using rig = createRig();
  using db = filled(rig);
  await rig.json(0, 'import', 'server/mlflow.db');
  const rows = () =>
    ['run', 'metric', 'lineage', 'model_version', 'alias_move', 'note', 'seal', 'ledger_entry'].map(
      (table) => rig.query(`SELECT count(*) AS n FROM ${table}`)[0].n,
    );
  const before = rows();
  expect(await rig.json(0, 'import', 'server/mlflow.db')).toMatchObject({
    runs: 0,
    known_runs: 4,
    versions: 0,
    known_versions: 3,
    aliases: [],
  });
  expect(rows()).toEqual(before);
  // A pipeline with the experiment's name continues its history: its candidate is judged against the imported champion.
  rig.write({
    'pipelines/churn.yaml': `pipeline: churn
steps: { train: { run: "mkdir -p model; echo three > model/model.pkl", inputs: [], outputs: [model] } }
model:
  name: churn-model
  path: model
  evaluate: { run: "sh score.sh \${{ model.path }} \${{ evaluation.path }}" }
  gate: [{ metric: words, direction: higher, against: champion, min_improvement: 1 }]
`,
    'score.sh': `printf '{"words":%d}' $(wc -c < "$1/model.pkl") > "$2"\n`,
  });
  const { gate, promotion } = await rig.json(0, 'retrain', 'churn', '--force');
  expect(gate.checks[0]).toMatchObject({ verdict: 'pass', detail: expect.stringContaining('3') });
  expect(promotion).toMatchObject({ from: 2, to: 8 });
  await rig.json(0, 'rollback', 'churn-model', '--to', '5', '--force', '--reason', 'better');
  db.sql(`UPDATE runs SET status = 'FINISHED', end_time = ${STARTED + 5} WHERE run_uuid = '${OPEN}'`);
  const again = await rig.json(0, 'import', 'server/mlflow.db');
  expect(again).toMatchObject({ runs: 1, known_runs: 4, aliases: [] });
  expect(again.notes).toContain('churn-model@champion stays version 5; it is version 2 there');
});

it('reads databases of old servers and of servers with workspaces', async () => {
  using rig = createRig();
  {
    using db = createMlflowDb(join(rig.root, 'old/mlflow.db'), '1');
    db.run(uuid(1), {
      params: { a: '1' },
      metrics: [
        ['m', 1, 1],
        ['m', 2, 2],
        ['m', 3, 2, STARTED + 9],
      ],
    });
    db.add('registered_models', { name: 'm' });
    db.add('model_versions', { name: 'm', version: 1, source: 'elsewhere', run_id: uuid(1), current_stage: 'None' });
  }
  expect(await rig.json(0, 'import', 'old/mlflow.db')).toMatchObject({ runs: 1, metric_points: 2, versions: 1 });
  {
    using db = createMlflowDb(join(rig.root, 'new/mlflow.db'), 'workspaces');
    db.add('experiments', { experiment_id: 2, name: 'churn', workspace: 'blue', lifecycle_stage: 'active' });
    db.run(uuid(2), { row: { experiment_id: 2 } });
    db.run(uuid(3));
    db.add('registered_models', { name: 'm', workspace: 'blue' });
    db.add('model_versions', {
      name: 'm',
      workspace: 'blue',
      version: 4,
      source: 'x',
      run_id: uuid(2),
      current_stage: 'None',
    });
  }
  expect(await rig.json(0, 'import', 'new/mlflow.db')).toMatchObject({
    runs: 2,
    pipelines: ['blue.churn', 'churn'],
    models: ['blue.m'],
  });
});

it('continues an interrupted import, detects the format from the file, and rejects other databases', async () => {
  using rig = createRig({ 'dvc.yaml': 'stages: { a: { cmd: echo 1 } }' });
  using db = createMlflowDb(join(rig.root, 'mlflow.db'));
  for (let n = 1; n <= 400; n++) db.run(uuid(n), { metrics: [['m', n]] });
  const cut = rig.start('import', 'mlflow.db');
  while (
    !rig.has('.refit/registry.db') ||
    rig.query("SELECT 1 FROM sqlite_master WHERE name = 'run'").length === 0 ||
    rig.query('SELECT count(*) AS n FROM run')[0].n < 5
  );
  cut.kill('SIGKILL');
  await cut.ended;
  const { runs, known_runs: known } = await rig.json(0, 'import', 'mlflow.db');
  expect(known).toBeGreaterThan(0);
  expect(runs + known).toBe(400);
  expect((await rig.refit('verify')).exit).toBe(0);
  expect((await rig.json(0, 'import', 'dvc.yaml', '--name', 'p')).steps).toEqual(['a']);
  expect(await rig.refit('import', '.refit/registry.db')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('it has no table experiments'),
  });
  expect(await rig.refit('import', 'mlflow.db', '--force')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('--force'),
  });
  expect(await rig.refit('import', 'nowhere.db')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('nowhere.db'),
  });
});
