import { expect, it } from 'vitest';
import { createMlflowServer, type MlflowServer } from '../support/mlflow/server.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const LONG = 'é'.repeat(12_000);

const PIPELINE = `
pipeline: p
description: Grows a model.
params: { trees: 40, deep: true, long: ${LONG} }
datasets:
  rows: { path: rows.csv, time: at }
steps:
  split:
    role: prepare
    run: cp rows.csv train.csv; echo '{"loss":9,"a//b@x":1}' > split.json
    inputs: ["\${{ datasets.rows }}"]
    outputs: [train.csv]
    metrics: split.json
  train:
    role: train
    run: sh train.sh \${{ params.trees }}
    inputs: [train.sh, train.csv]
    outputs: [model.txt]
    metrics: metrics.jsonl
model:
  name: m
  path: model.txt
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6]
retrain: { when: { event: landed }, on_data_bug: ignore }
`;

const SERIES = `cp train.csv model.txt
awk 'BEGIN { for (i = 1; i <= 2500; i++) printf "{\\"step\\":%d,\\"loss\\":%g,\\"acc\\":0.5}\\n", i, 1 / i }' > metrics.jsonl
`;

const grown = (
  server: MlflowServer,
  settings = 'mlflow: { url: { from: TRACKING }, experiment: churn }',
  url = server.url,
): Rig =>
  createRig(
    {
      'pipelines/p.yaml': PIPELINE,
      'rows.csv': 'at,x\n2026-01-01,1\n2026-01-02,2\n',
      'train.sh': SERIES,
      'score.json': '{"auc":0.75,"lift":NaN}',
      'refit.yaml': settings,
    },
    { TRACKING: url, TOKEN: 'abc' },
  );

it('logs a complete run in batches within the server limits, with its version and the champion alias', async () => {
  await using server = await createMlflowServer();
  using rig = grown(server);
  const { id: run } = (await rig.json(0, 'retrain', 'p')).run;
  expect(server.faults).toEqual([]);
  expect(server.experiments.map((one) => one.name)).toEqual(['churn']);
  const [logged] = server.runs;
  expect(server.runs).toHaveLength(1);
  expect(logged.info).toMatchObject({ status: 'FINISHED' });
  expect(logged.params).toMatchObject({ trees: '40', deep: 'true' });
  expect(logged.params.long).toBe('é'.repeat(6000));
  const pieces = [1, 2, 3].map((n) => logged.tags[`refit.param.long.${n}`]);
  expect(pieces.join('')).toBe(LONG);
  // A key that two steps write is prefixed with the step. 5000 points need six requests.
  const series = logged.metrics.filter((one: Document) => one.key === 'train/loss');
  expect(series).toHaveLength(2500);
  expect(series.at(-1)).toMatchObject({ step: 2500, value: 0.0004 });
  expect(logged.metrics.filter((one: Document) => one.key === 'split/loss')).toMatchObject([{ value: 9, step: 0 }]);
  expect(logged.metrics.filter((one: Document) => one.key === 'auc')).toMatchObject([{ value: 0.75 }]);
  expect(logged.metrics.some((one: Document) => one.key === 'lift')).toBe(false);
  expect(logged.tags).toMatchObject({
    'mlflow.runName': run,
    'mlflow.note.content': 'Grows a model.',
    'refit.run': run,
    'refit.pipeline': 'p',
    'refit.gate': 'pass',
    'refit.model': 'm@1',
    'refit.outcome': 'published',
    'refit.unusable.lift': 'NaN',
  });
  const contexts = logged.datasets.map(({ dataset, tags }: Document) => [dataset.name, tags[0].value]);
  expect(contexts).toContainEqual(['rows: rows.csv', 'preparation']);
  expect(server.models.m).toMatchObject({
    versions: [{ version: '1', run_id: logged.info.run_id }],
    aliases: { champion: '1' },
  });
  const batches = server.requests.filter((one) => one.endpoint === 'runs/log-batch').length;
  expect(batches).toBeLessThan(12);
  // Nothing is sent twice.
  const told = server.requests.length;
  await rig.refit('notify');
  expect(server.requests).toHaveLength(told);
});

it('reports what differs on the server, and that a run failed', async () => {
  await using server = await createMlflowServer();
  using rig = grown(server, `mlflow: ${server.url}`);
  const first = await rig.refit('run', 'p');
  expect(first.exit).toBe(0);
  expect(first.stderr).toContain('the param "long" has 12000 characters and is cut to 6000 there');
  expect(first.stderr).toContain('the metric "a//b@x" is called "a/_/b_x" there');
  rig.write({ 'train.sh': 'exit 9' });
  expect((await rig.refit('run', 'p')).exit).toBe(1);
  expect(server.experiments.map((one) => one.name)).toEqual(['p']);
  expect(server.runs.map((one) => one.info.status)).toEqual(['FINISHED', 'FAILED']);
  expect(server.runs[1].tags['refit.failure']).toContain('train');
  expect(server.models.m.aliases).toEqual({});
  // A rollback or a promotion moves the alias; versions keep their numbers.
  rig.write({ 'train.sh': `${SERIES}echo more >> model.txt\n` });
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  expect(server.models.m.aliases).toEqual({ champion: '1' });
  await rig.json(0, 'retrain', 'p', '--force');
  expect(server.models.m.aliases).toEqual({ champion: '2' });
  await rig.json(0, 'rollback', 'm', '--reason', 'worse');
  expect(server.models.m.aliases).toEqual({ champion: '1' });
  expect(server.faults).toEqual([]);
});

it.each([
  'runs/create',
  'runs/log-batch',
  'runs/update',
  'registered-models/create',
  'model-versions/create',
  'registered-models/alias',
])('creates a run only once when the response of %s is lost', async (endpoint) => {
  await using server = await createMlflowServer();
  using rig = grown(server);
  server.loseAnswerOf(endpoint);
  const run = await rig.refit('retrain', 'p');
  expect(run).toMatchObject({ exit: 0, stderr: expect.stringContaining('"mlflow": it could not be reached') });
  await untilTold(rig);
  expect(server.runs).toHaveLength(1);
  expect(server.runs[0].info.status).toBe('FINISHED');
  expect(server.runs[0].metrics).toHaveLength(5003);
  expect(server.models.m.versions).toHaveLength(1);
  expect(server.models.m.aliases).toEqual({ champion: '1' });
  expect(server.faults).toEqual([]);
});

async function untilTold(rig: Rig): Promise<void> {
  while ((await rig.json(0, 'notify')).notifications[0].pending > 0);
}

it('keeps a run until the server is reachable again, and prints no address', async () => {
  await using server = await createMlflowServer();
  using rig = grown(server);
  server.answer(503);
  const run = await rig.refit('run', 'p');
  expect(run).toMatchObject({ exit: 0, stderr: expect.stringContaining('"mlflow": it answered 503') });
  expect(run.stderr).not.toContain('127.0.0.1');
  server.answer(200);
  await untilTold(rig);
  expect(server.runs.map((one) => one.info.status)).toEqual(['FINISHED']);
});

it('loses no run because of a long param: shortens it for old servers, or sends it as tags', async () => {
  await using server = await createMlflowServer();
  server.beOld();
  using rig = grown(server);
  const old = await rig.refit('run', 'p');
  expect(old.stderr).toContain('is cut to 500 there');
  expect(server.runs[0].info.status).toBe('FINISHED');
  expect(server.runs[0].params.long).toHaveLength(500);
  expect(server.runs[0].tags['refit.param.long.3']).toHaveLength(2000);
  server.refuseParams();
  const none = await rig.refit('run', 'p', '--force');
  expect(none.stderr).toContain('its params are tags');
  expect(server.runs[1].info.status).toBe('FINISHED');
  expect(server.runs[1].tags).toMatchObject({ 'refit.param.trees': '40' });
  expect(server.runs[1].tags['refit.param.long.3']).toHaveLength(2000);
});

it('authenticates by address or token, and reports errors of the settings and the server', async () => {
  await using server = await createMlflowServer();
  server.require(`Basic ${Buffer.from('ann:ge heim').toString('base64')}`);
  using rig = grown(server, undefined, server.url.replace('//', '//ann:ge%20heim@'));
  expect((await rig.refit('notify', 'mlflow', '--test')).exit).toBe(0);
  await rig.json(0, 'run', 'p');
  expect(server.runs).toHaveLength(1);
  server.require('Bearer abc');
  const refused = await rig.refit('notify', 'mlflow', '--test');
  expect(refused.stdout + refused.stderr).toContain('401');
  expect(refused.stdout + refused.stderr).not.toContain('heim');
  rig.write({ 'refit.yaml': 'mlflow: { url: { from: TRACKING }, token: { from: NOWHERE } }\n' });
  const unset = await rig.refit('notify', 'mlflow', '--test');
  expect(unset.stdout + unset.stderr).toContain('NOWHERE is not set');
  rig.write({ 'refit.yaml': 'mlflow: { url: { from: TRACKING }, token: { from: TOKEN } }\n' });
  expect((await rig.refit('notify', 'mlflow', '--test')).exit).toBe(0);
  expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer abc');
  rig.write({ 'refit.yaml': 'mlflow: { url: ftp://x, experimnt: a }\nnotifications: { mlflow: { run: "true" } }\n' });
  const { exit, stderr } = await rig.refit('validate');
  expect(exit).toBe(2);
  for (const place of ['refit.yaml:1:16', 'refit.yaml:1:25', 'refit.yaml:2:26']) expect(stderr).toContain(place);
});

it('reports a deleted experiment, and a server that is not MLflow', async () => {
  await using server = await createMlflowServer();
  server.experiments.push({ experiment_id: '9', name: 'churn', lifecycle_stage: 'deleted' });
  using rig = grown(server);
  expect((await rig.refit('run', 'p')).stderr).toContain('its experiment "churn" is deleted');
  using lost = grown(server, undefined, server.url.replace('/base/', '/elsewhere'));
  expect((await lost.refit('run', 'p')).stderr).toContain('it answered 404 to experiments/get-by-name');
});
