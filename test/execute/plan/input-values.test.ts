import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';

const pipeline = (keys: string): string => `pipeline: p
steps:
  make: { run: cp source.yaml made.yaml, inputs: [source.yaml], outputs: [made.yaml] }
  use:
    run: cat params.yaml made.yaml > out.txt; if [ -f edit.sh ]; then sh edit.sh; fi
    inputs: [{ file: params.yaml, keys: [${keys}] }, { file: made.yaml, keys: [v] }]
    outputs: [out.txt]
`;

const FILES = { 'params.yaml': 'train: { lr: 0.1, other: 1 }\n', 'source.yaml': 'v: 1\nw: 1\n' };

/** What the plan says about the step that reads values. */
async function planned(rig: Rig): Promise<unknown> {
  const { steps } = await rig.json(0, 'plan', 'p');
  return steps.find(({ name }: { readonly name: string }) => name === 'use');
}

it('reruns a step for its own values only, also those of a file that another step makes', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('train.lr'), ...FILES });
  await rig.json(0, 'run', 'p');
  rig.write({ 'params.yaml': 'train: { other: 2, lr: 0.10 } # other form\n', 'source.yaml': 'v: 1\nw: 2\n' });
  await rig.json(0, 'run', 'p');
  expect(rig.read('out.txt')).toContain('w: 1');
  rig.write({ 'params.yaml': 'train: { lr: 0.2 }\n' });
  expect(await planned(rig)).toMatchObject({ action: 'run' });
  rig.write({ 'params.yaml': 'train: { lr: 0.1 }\n', 'source.yaml': 'v: 2\nw: 2\n' });
  await rig.json(0, 'run', 'p');
  expect(rig.read('out.txt')).toContain('v: 2');
});

it('notices a change in every kind of value', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('it'), ...FILES });
  const kinds: readonly (readonly [before: string, after: string])[] = [
    ['it: 9007199254740993', 'it: 9007199254740992'],
    ['it: .nan', 'it: .inf'],
    ['it: "1"', 'it: 1'],
    ['it: null', 'it: "null"'],
    ['b: &b { it: 1 }\n<<: *b', 'b: &b { it: 2 }\n<<: *b'],
    ['%YAML 1.1\n---\nit: !!set { a, b }', '%YAML 1.1\n---\nit: !!set { a, c }'],
    ['%YAML 1.1\n---\nit: !!omap [a: 1]', '%YAML 1.1\n---\nit: !!omap [a: 2]'],
    ['it: !!binary aGVsbG8=', 'it: !!binary aGVsbG9v'],
  ];
  for (const [before, after] of kinds) {
    rig.write({ 'params.yaml': `${before}\n` });
    await rig.json(0, 'run', 'p');
    expect({ before, planned: await planned(rig) }).toMatchObject({ before, planned: { action: 'skip' } });
    rig.write({ 'params.yaml': `${after}\n` });
    expect({ after, planned: await planned(rig) }).toMatchObject({ after, planned: { action: 'run' } });
  }
});

it('says which value or file is wrong, and what to do', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('train.lr'), ...FILES });
  const faults: readonly (readonly [string, string])[] = [
    ['train: { other: 1 }\n', 'reads the value "train.lr" of "params.yaml", which has none of this name'],
    ['', 'reads the value "train.lr" of "params.yaml", which has none of this name'],
    ['train: [\n', 'reads values of "params.yaml", which cannot be read: line 2'],
    ['train: { lr: 1 }\n---\nx: 1\n', 'reads values of "params.yaml", which cannot be read'],
    [`${'['.repeat(200)}${']'.repeat(200)}\n`, 'nested deeper than'],
  ];
  await rig.json(0, 'run', 'p');
  for (const [text, words] of faults) {
    rig.write({ 'params.yaml': text });
    for (const command of ['plan', 'run']) {
      const { exit, stderr } = await rig.refit(command, 'p');
      expect({ text: text.slice(0, 40), exit, stderr }).toEqual({
        text: text.slice(0, 40),
        exit: 1,
        stderr: expect.stringContaining(words),
      });
    }
  }
});

it('taints the run if the file changes while the step reads it, also in another value', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('train.lr'), ...FILES });
  rig.write({ 'edit.sh': "echo 'train: { lr: 0.1, other: 2 }' > params.yaml\n" });
  const { exit, stderr } = await rig.refit('run', 'p');
  expect(exit).not.toBe(0);
  expect(stderr).toContain('changed while it ran: params.yaml');
  rig.remove('edit.sh');
  expect(await planned(rig)).toMatchObject({ action: 'run' });
});

it('makes validate name a value that is not there, and a file that cannot be read, but not a file that a step makes', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: 'cp p.yaml made.yaml', inputs: [{ file: p.yaml, keys: [lr, seed] }], outputs: [made.yaml] }
  b: { run: 'true', inputs: [{ file: made.yaml, keys: [later] }] }
`,
    'p.yaml': 'lr: 0.1\n',
  });
  const missing = await rig.refit('validate', 'p');
  expect(missing).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('p.yaml has no value "seed", which step "a" reads'),
  });
  expect(missing.stderr).not.toContain('later');
  rig.write({ 'p.yaml': 'lr: [\n' });
  expect((await rig.refit('validate', 'p')).stderr).toContain('cannot be read: line');
  rig.write({ 'p.yaml': 'lr: 1\nseed: 2\n' });
  expect((await rig.refit('validate', 'p')).exit).toBe(0);
});
