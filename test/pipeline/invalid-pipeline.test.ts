import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const BROKEN = `pipeline: broken
datasets:
  rows: { path: "data/*.csv", checks: { freshness: 3 fortnights } }
steps:
  a: { run: touch a, inputs: [b.txt], outputs: [a.txt], imputs: [x] }
  b: { run: touch b, inputs: [a.txt], outputs: [b.txt] }
  c: { run: touch c, inputs: [nowhere.csv], outputs: [out/c.txt] }
  d: { run: touch d, inputs: [], outputs: [out] }
  e:
    run: python e.py --name "\${{ params.name }}"
    inputs: []
    timeout: soon
    cache: maybe
  f: { run: [cat, \${{ datasets.rows }}], inputs: [] }
params: { name: x }
retrain: { when: { schedule: "61 3 * *" } }
`;

const codesOf = (document: { files: { diagnostics: { code: string }[] }[] }): string[] =>
  document.files.flatMap((file) => file.diagnostics.map((one) => one.code));

it('names unknown keys, wrong types, bad durations, bad crons and bare values together', async () => {
  using rig = createRig({ 'pipelines/broken.yaml': BROKEN });
  const ended = await rig.refit('run', 'broken');
  expect(ended.exit).toBe(2);
  for (const code of ['unknown-key', 'bad-duration', 'wrong-type', 'bad-cron', 'bare-value'])
    expect(ended.stderr).toContain(code);
  expect(ended.stderr).toContain('did you mean "inputs"?');
  expect(ended.stderr).toMatch(/pipelines\/broken\.yaml:5:\d+ error unknown-key/);
  expect(ended.stderr).toMatch(/\^+/);
  expect(rig.has('.refit/logs')).toBe(false);
  expect(rig.has('a.txt')).toBe(false);
});

it('names the faults of the graph in the same go, each at its place', async () => {
  using rig = createRig({ 'pipelines/broken.yaml': BROKEN });
  const document = await rig.json(2, 'validate', 'broken');
  expect(codesOf(document)).toEqual(
    expect.arrayContaining([
      ...['unknown-key', 'bad-duration', 'wrong-type', 'bad-cron', 'bare-value'],
      ...['cycle', 'missing-input', 'two-writers', 'quoted-value', 'empty-dataset'],
    ]),
  );
  const cycle = document.files[0].diagnostics.find((one: { code: string }) => one.code === 'cycle');
  expect(cycle.message).toContain('a → b → a');
  expect(cycle.at).toMatchObject({ file: 'pipelines/broken.yaml', line: 5, col: 3 });
});

it('suggests near misses for values, steps, params and profiles', async () => {
  using rig = createRig({
    'pipelines/near.yaml': `pipeline: near
params: { trees: 4 }
steps:
  train: { run: "train \${{ params.tree }}", inputs: [], outputs: [m], after: [extrct] }
  extract: { run: x, inputs: [], outputs: [n] }
model: mm
monitor: { reference: n, current: { dataset: flight } }
`,
  });
  const { files } = await rig.json(2, 'validate', 'near');
  const said = files[0].diagnostics.map((one: { suggestion?: string }) => one.suggestion).join('\n');
  for (const hint of ['"params.trees"', '"extract"']) expect(said).toContain(`did you mean ${hint}?`);
  expect((await rig.refit('run', 'near', '--profile', 'prod')).stderr).toContain('unknown-profile');
});

it('names each key that is given twice, at its second place, in whatever form it is written', async () => {
  using rig = createRig({
    'pipelines/twice.yaml': `pipeline: twice
steps:
  a: { run: x, inputs: [], run: y, outputs: [a] }
  "b": { run: x, inputs: [], outputs: [b] }
  b:
    run: x
    inputs: []
    outputs: [c]
    "inputs": []
    env: { "\${{ params.x }}": "1", "\${{ params.x }}": "2" }
params: { 1: one, "1": uno, &x x: 1, *x : 2 }
`,
  });
  const { files } = await rig.json(2, 'validate', 'twice');
  const twice = files[0].diagnostics.filter((one: { code: string }) => one.code === 'duplicate-key');
  expect(twice.map(({ at, message }: { at: Document; message: string }) => `${at.line}:${at.col} ${message}`)).toEqual([
    '3:28 the key "run" is given twice',
    '5:3 the key "b" is given twice',
    '9:5 the key "inputs" is given twice',
    '10:36 the key "${{ params.x }}" is given twice',
    '11:19 the key "1" is given twice',
    '11:38 the key "x" is given twice',
  ]);
});

it('says what is there when a pipeline or a section is not', async () => {
  using rig = createRig({
    'pipelines/one.yaml': 'pipeline: one\nsteps:\n  s: { run: "true", inputs: [], outputs: [] }\n',
  });
  const missing = await rig.refit('run', 'two');
  expect(missing).toMatchObject({ exit: 2 });
  expect(missing.stderr).toContain('pipelines here: one');
  const drift = await rig.refit('check-drift', 'one');
  expect(drift.exit).toBe(2);
  expect(drift.stderr).toContain('monitor:');
  expect((await rig.refit('frobnicate')).exit).toBe(2);
  expect((await rig.refit('retrain')).exit).toBe(2);
});
