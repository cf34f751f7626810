import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

it('finds runs by the scores of evaluate, also those that a later run scored again', async () => {
  using rig = createRig({
    'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json; cp source.json train.json, inputs: [source.json], outputs: [model.json], metrics: train.json }
model:
  path: model.json
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs, test.json] }
  gate: [auc >= 0.1]
`,
    'evaluate.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const [model, out] = process.argv.slice(2);
const auc = read(model).trees / 100 + read('test.json').ease;
writeFileSync(out, JSON.stringify({ auc, late: { recall: auc / 2 } }));`,
    'test.json': '{"ease":0}',
  });
  const runs: string[] = [];
  for (const trees of [50, 70]) {
    rig.write({ 'source.json': JSON.stringify({ trees }) });
    runs.push((await rig.json(0, 'run', 'm')).run.id);
  }
  const where = async (filter: string): Promise<readonly string[]> =>
    (await rig.json(0, 'runs', '--where', filter)).runs.map((one: Document) => one.id);
  expect(await where('metric.auc > 0.6')).toEqual([runs[1]]);
  expect(await where('metric.late.recall < 0.3')).toEqual([runs[0]]);
  // A metric of training and a score in one filter.
  expect(await where('metric.trees = 70 and metric.auc < 0.6')).toEqual([]);
  rig.write({ 'test.json': '{"ease":-0.2}' });
  await rig.json(0, 'promote', 'm@2', '--reason', 'judged on easier data');
  expect(await where('metric.auc < 0.6 and metric.trees = 70')).toEqual([runs[1]]);
});
