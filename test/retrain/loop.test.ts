import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const TRAIN = `import { writeFileSync } from 'node:fs';
writeFileSync('model.json', '{"slope": 2}');
writeFileSync('metrics.json', JSON.stringify({ auc: 0.8 }));`;

it('runs, registers, promotes and explains the three-line pipeline', async () => {
  using rig = createRig({
    'pipelines/churn.yaml': `pipeline: churn
steps:
  train: { run: node train.mjs, inputs: [train.mjs, data], outputs: [model.json], metrics: metrics.json }
model: model.json
`,
    'train.mjs': TRAIN,
    'data/a.csv': 'x\n1\n',
  });
  const ran = await rig.json(0, 'run', 'churn');
  expect(ran).toMatchObject({ schema_version: 1, command: 'run', model_version: 'churn@1', metrics: { auc: 0.8 } });
  expect(ran.run.steps[0]).toMatchObject({ name: 'train', status: 'succeeded', attempts: 1, exit_code: 0 });
  const again = await rig.json(0, 'run', 'churn');
  expect(again.run.steps[0].status).toBe('skipped');
  expect(again.model_version).toBe('churn@1');
  expect((await rig.json(0, 'promote', 'churn@1', '--reason', 'first')).promotion).toMatchObject({ from: null, to: 1 });
  const why = await rig.json(0, 'why', 'churn');
  expect(why.version).toMatchObject({ model: 'churn', version: 1, champion: true });
  expect(why.steps[0].reads.map((use: { path: string }) => use.path)).toEqual(['data', 'train.mjs']);
  expect(why.served[0]).toMatchObject({ kind: 'promotion', reason: 'first' });
  expect((await rig.json(0, 'why', 'model.json')).version.version).toBe(1);
});

it('starts from init, publishes with refit.json, and says why of the served file', async () => {
  using rig = createRig();
  await rig.json(0, 'init', '.', '--template', 'node');
  await rig.json(0, 'run', 'hello');
  await rig.json(0, 'promote', 'hello@1', '--reason', 'first');
  expect(JSON.parse(rig.read('serving/hello/current/refit.json'))).toMatchObject({ model: 'hello', version: 1 });
  expect((await rig.json(0, 'why', 'serving/hello/current/model.json')).version).toMatchObject({
    model: 'hello',
    version: 1,
  });
  expect((await rig.json(0, 'status')).pipelines[0]).toMatchObject({ state: 'fresh', champion: { version: 1 } });
  expect((await rig.json(0, 'validate')).valid).toBe(true);
  expect((await rig.refit('init', '.')).exit).toBe(2);
});

it('creates no registry in commands that only read', async () => {
  using rig = createRig();
  await rig.json(0, 'init', '.', '--template', 'node');
  for (const command of [['status'], ['runs'], ['models'], ['plan', 'hello'], ['validate']])
    await rig.json(0, ...command);
  expect(rig.has('.refit')).toBe(false);
});
