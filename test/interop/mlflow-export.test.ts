import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readExport } from '../support/mlflow/export.js';
import { createRig } from '../support/rig.js';

const PIPELINE = `
pipeline: p
params: { trees: 40 }
datasets:
  rows: { path: rows.csv }
steps:
  train:
    role: train
    run: sh train.sh \${{ params.trees }}
    inputs: [train.sh, "\${{ datasets.rows }}"]
    outputs: [work/models-of-artifacts]
    metrics: metrics.jsonl
model:
  name: artifacts-models
  path: work/models-of-artifacts
  evaluate: { run: "cp score.json \${{ evaluation.path }}", inputs: [score.json] }
  gate: [auc >= 0.6]
`;

const train = (words: string): string => `mkdir -p work/models-of-artifacts/deep
echo ${words} > work/models-of-artifacts/deep/tree.txt
printf '{"step":1,"loss":2}\\n{"step":2,"loss":1}\\n' > metrics.jsonl
`;

it('writes every run and version as a folder that mlflow-export-import reads', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'pipelines/other.yaml':
      'pipeline: other\nsteps: { go: { run: "echo 1 > one.txt", inputs: [], outputs: [one.txt] } }\n',
    'rows.csv': 'x\n1\n',
    'train.sh': train('first'),
    'score.json': '{"auc":0.75}',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'train.sh': train('second') });
  await rig.json(0, 'retrain', 'p', '--force');
  rig.write({ 'train.sh': 'exit 9' });
  await rig.refit('run', 'p');
  await rig.json(0, 'run', 'other');
  const said = await rig.json(0, 'export', 'mlflow', '-o', 'out/mlflow');
  expect(said).toMatchObject({ path: 'out/mlflow', pipelines: ['other', 'p'], runs: 4, versions: 2, missing: [] });
  const { experiments, runs, versions } = readExport(join(rig.root, 'out/mlflow'));
  expect(experiments.map((one) => one.name)).toEqual(['other', 'p']);
  expect([...runs.values()].map((run) => run.info.status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED', 'FAILED']);
  expect(versions.map((one) => [one.number, one.said, one.aliases, one.files])).toEqual([
    [1, '1', [], ['deep', 'refit.json']],
    [2, '2', ['champion'], ['deep', 'refit.json']],
  ]);
  expect(rig.read(`out/mlflow/${versions[0]?.folder}/deep/tree.txt`)).toBe('first\n');
  const run = runs.get(versions[1]?.run ?? '');
  expect(run).toMatchObject({
    params: { trees: '40' },
    tags: { 'refit.pipeline': 'p', 'refit.gate': 'pass', 'refit.model': 'artifacts-models@2' },
    inputs: { dataset_inputs: [{ dataset: { name: 'rows: rows.csv' }, tags: [{ value: 'training' }] }] },
  });
  expect(run.metrics.loss.map((point: { step: number }) => point.step)).toEqual([1, 2]);
  expect(run.metrics.auc).toMatchObject([{ value: 0.75, step: 0 }]);
  // A run gets the same id in every export, and a copied model names its version.
  await rig.json(0, 'export', 'mlflow', '-o', 'again');
  expect([...readExport(join(rig.root, 'again')).runs.keys()]).toEqual([...runs.keys()]);
  expect(JSON.parse(rig.read(`again/${versions[1]?.folder}/refit.json`))).toMatchObject({ version: 2 });
});

it('keeps version numbers when bytes are missing, omits running runs, and overwrites nothing', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE,
    'rows.csv': 'x\n1\n',
    'train.sh': train('first'),
    'score.json': '{"auc":0.75}',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'train.sh': train('second') });
  await rig.json(0, 'retrain', 'p', '--force');
  rig.remove('.refit/store');
  const { missing } = await rig.json(0, 'export', 'mlflow', '-o', 'out');
  expect(missing).toEqual(['artifacts-models@1', 'artifacts-models@2']);
  const { versions } = readExport(join(rig.root, 'out'));
  expect(versions.map((one) => [one.said, one.files])).toEqual([
    ['1', ['refit.json']],
    ['2', ['refit.json']],
  ]);
  const again = await rig.refit('export', 'mlflow', '-o', 'out');
  expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining('out already exists') });
  expect(await rig.refit('export', 'mlflow')).toMatchObject({ exit: 2, stderr: expect.stringContaining('-o') });
  expect((await rig.refit('export', 'mlflow', 'latest', '-o', 'x')).exit).toBe(2);
  expect(rig.files('.refit/tmp')).toEqual([]);
});
