import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';

const pipeline = (checkpoint: string, more = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: sh t.sh, inputs: [t.sh], outputs: [m.txt], checkpoint: ${checkpoint} }
${more}`,
  't.sh': 'exit 1',
});

it('does not take a folder that was put in the place of its own for a checkpoint', async () => {
  using rig = createRig(pipeline('data'));
  expect((await rig.refit('run', 'p')).exit).toBe(1);
  rmSync(join(rig.root, 'data'), { recursive: true });
  mkdirSync(join(rig.root, 'data'));
  writeFileSync(join(rig.root, 'data/thesis.txt'), 'mine');
  rig.write({ 't.sh': 'echo m > m.txt' });
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 1, stderr: expect.stringContaining('checkpoint-foreign') });
  expect(rig.read('data/thesis.txt')).toBe('mine');
});

it('does not take a folder behind a link that leads elsewhere by now', async () => {
  using one = createRig({ 'keep/x': '' });
  using two = createRig({ 'ck/thesis.txt': 'mine' });
  using rig = createRig({ ...pipeline('d/ck'), 'refit.yaml': `roots: [${one.root}, ${two.root}]\n` });
  symlinkSync(one.root, join(rig.root, 'd'));
  expect((await rig.refit('run', 'p')).exit).toBe(1);
  rmSync(join(rig.root, 'd'));
  symlinkSync(two.root, join(rig.root, 'd'));
  rig.write({ 't.sh': 'echo m > m.txt' });
  expect((await rig.refit('run', 'p')).exit).toBe(1);
  expect(two.read('ck/thesis.txt')).toBe('mine');
});

it('is no folder into which the model is published', async () => {
  using rig = createRig(pipeline('serving/p', 'model: { path: m.txt, publish: { path: serving/p } }\n'));
  expect((await rig.refit('validate', 'p')).stderr).toContain('the model is published to "serving/p"');
});

const other = (steps: string, more = ''): string => `pipeline: q\nsteps:\n  s: { run: 'true', ${steps} }\n${more}`;

it.each([
  ['an output', 'outputs: [data/thesis.txt]', '', 'writes "data/thesis.txt"'],
  ['an output that holds it', 'outputs: [data]', '', 'writes "data"'],
  ['an output behind a link', 'outputs: [link/thesis.txt]', '', 'writes "link/thesis.txt"'],
  ['metrics', 'outputs: [o], metrics: [data/m.json]', '', 'writes "data/m.json"'],
  ['an input', 'inputs: [data/thesis.txt], outputs: [o]', '', 'reads "data/thesis.txt"'],
  ['a pattern', 'inputs: ["data/*.txt"], outputs: [o]', '', 'reads "data/*.txt"'],
  ['a dataset', 'outputs: [o]', 'datasets: { rows: { path: data/rows.csv } }\n', 'reads "data/rows.csv"'],
  ['its checkpoint', 'outputs: [o], checkpoint: data/own', '', 'as the checkpoint of step "s"'],
  ['its serving folder', 'outputs: [o]', 'model: { path: o, publish: { path: data/q } }\n', 'writes "data/q"'],
])(
  'refuses a checkpoint in which another pipeline has %s',
  async (_, steps, more, words) => {
    using rig = createRig({ ...pipeline('data'), 'pipelines/q.yaml': other(steps, more), 't.sh': 'echo m > m.txt' });
    symlinkSync('data', join(rig.root, 'link'));
    rig.write({ 'data/thesis.txt': 'mine', 'data/rows.csv': 'a\n1\n' });
    expect(await rig.refit('validate')).toMatchObject({ exit: 2, stderr: expect.stringContaining(words) });
    const { files } = await rig.json(2, 'validate', 'q');
    expect(files[0].diagnostics[0].at.file).toBe('pipelines/q.yaml');
    expect(await rig.refit('run', 'p')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('checkpoint-shared'),
    });
    expect(rig.read('data/thesis.txt')).toBe('mine');
  },
  60_000,
);

it('takes a checkpoint that another pipeline comes across only by a wide pattern', async () => {
  using rig = createRig({
    ...pipeline('data'),
    'pipelines/q.yaml': other('inputs: ["**/*.txt"], outputs: [q/o]'),
    't.sh': 'echo m > m.txt',
  });
  expect((await rig.refit('run', 'p')).exit).toBe(0);
});
