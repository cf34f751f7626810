import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** A step that has every part that a fingerprint knows. */
const PIPELINE = `pipeline: p
params: { trees: 40, unused: 1 }
datasets: { rows: { path: "data/*.csv", time: at } }
steps:
  train:
    run: sh train.sh \${{ params.trees }} \${{ matrix.fold }} \${{ now }} \${{ outputs[0] }} \${{ datasets.rows }}
    inputs: [train.sh, lib, "\${{ datasets.rows }}"]
    outputs: { model: "model-\${{ matrix.fold }}.txt" }
    metrics: "metrics-\${{ matrix.fold }}.json"
    env: { THREADS: "2", HOST: { from: PARTS_HOST } }
    matrix: { fold: [1] }
`;

let rig: Rig;
const env: Record<string, string> = {};
beforeEach(() => {
  for (const name of Object.keys(env)) delete env[name];
  Object.assign(env, { PARTS_HOST: 'here' });
  rig = createRig(
    {
      'pipelines/p.yaml': PIPELINE,
      'train.sh': `cat "$5" > "$4"; printf '{"n":1}' > "metrics-$2.json"\n`,
      'lib/a.txt': 'a\n',
      'data/1.csv': 'at,x\n2026-01-01,1\n',
    },
    env,
  );
});
afterEach(() => rig[Symbol.dispose]());

const NOW = '2026-02-01';
const plan = async (now = NOW): Promise<Document> => (await rig.json(0, 'plan', 'p', '--now', now)).steps[0];
const yaml = (before: string, after: string): void => {
  if (!PIPELINE.includes(before)) throw new Error(`the pipeline has no ${before}`);
  rig.write({ 'pipelines/p.yaml': PIPELINE.replace(before, after) });
};

const setEnv = (name: string, value: string): void => void Object.assign(env, { [name]: value });

/** Part, what is done to it, and how the reason names it. */
const CHANGES: readonly (readonly [string, () => void, string, string])[] = [
  ['the command', () => yaml('sh train.sh', 'sh -e train.sh'), 'command-changed', 'command'],
  ['a param', () => yaml('trees: 40', 'trees: 41'), 'param-changed', 'trees'],
  ['a literal of the environment', () => yaml('THREADS: "2"', 'THREADS: "3"'), 'env-changed', 'THREADS'],
  ['a variable that is read', () => setEnv('PARTS_HOST', 'there'), 'env-changed', 'HOST'],
  ['an input file', () => rig.write({ 'train.sh': `${rig.read('train.sh')}#\n` }), 'input-changed', 'train.sh'],
  ['a file in an input folder', () => rig.write({ 'lib/b.txt': 'b\n' }), 'input-changed', 'lib'],
  ['a file of a dataset', () => rig.write({ 'data/1.csv': 'at,x\n2026-01-01,2\n' }), 'input-changed', 'data/1.csv'],
  ['a new file of a dataset', () => rig.write({ 'data/2.csv': 'at,x\n2026-01-02,1\n' }), 'input-changed', 'data/2.csv'],
  ['the name of an output', () => yaml('outputs: { model:', 'outputs: { other:'), 'command-changed', 'output'],
  ['the metrics file', () => yaml('metrics: "metrics-', 'metrics: "./x/../metrics2-'), 'command-changed', 'metrics'],
  ['the image', () => yaml('    matrix:', '    image: python:3.12\n    matrix:'), 'env-changed', 'image'],
];

it.each(CHANGES)('runs the step again when %s has changed, and plan names it', async (_, change, code, detail) => {
  await rig.json(0, 'run', 'p', '--now', NOW);
  expect((await plan()).action).toBe('skip');
  change();
  const step = await plan();
  expect(step.action).toBe('run');
  const reasons: readonly Document[] = step.reasons;
  expect(reasons.map((one) => `${one.code} ${one.detail}`)).toContainEqual(expect.stringContaining(`${code} `));
  expect(reasons.some((one) => one.code === code && one.detail.includes(detail))).toBe(true);
});

it('runs the step again at another time that it uses, and on another platform', async () => {
  await rig.json(0, 'run', 'p', '--now', NOW);
  expect((await plan('2026-02-02')).reasons).toMatchObject([{ code: 'param-changed', detail: 'now' }]);
  const [{ parts }] = rig.query("SELECT parts_json AS parts FROM step_execution WHERE step = 'train@fold=1'");
  const here = `${process.platform}-${process.arch}`;
  expect(JSON.parse(parts).platform).toBe(here);
  // As if another machine had run it: this one has no other platform.
  rig.update(
    `UPDATE step_execution SET fingerprint = 'of another machine', parts_json = replace(parts_json, '${here}', 'plan9-vax')`,
  );
  const step = await plan();
  expect(step.action).toBe('run');
  expect(step.reasons).toMatchObject([{ code: 'env-changed', detail: expect.stringContaining('platform') }]);
});

it('does not run the step again for what it does not use', async () => {
  await rig.json(0, 'run', 'p', '--now', NOW);
  yaml('unused: 1', 'unused: 2');
  env.PARTS_OTHER = 'x';
  rig.write({ 'README.md': 'new\n' });
  expect((await plan()).action).toBe('skip');
});
