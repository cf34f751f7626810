import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}\n`,
});

const codesOf = (step: Document): readonly string[] => step.reasons.map((one: Document) => one.code);

it('plan lists every changed component, old → new', async () => {
  const steps = (command: string, output: string, kind: string): string =>
    `  a: { run: "${command} > ${output}", inputs: [in.txt, "more/*"], outputs: [${output}], params: [x, y], env: { MODE: ${kind} } }`;
  using rig = createRig(
    {
      ...pipeline(steps('cat in.txt', 'a.txt', 'fast'), 'params: { x: 1, y: [1, 2] }\n'),
      'in.txt': 'one',
      'more/1': '1',
    },
    { FROM_HERE: 'a' },
  );
  await rig.json(0, 'run', 'p');
  rig.write({
    ...pipeline(steps('cat ./in.txt', 'b.txt', 'slow'), 'params: { x: 2, y: [1, 3] }\n'),
    'in.txt': 'two',
    'more/2': '2',
  });
  rig.remove('more/1');
  const [step] = (await rig.json(0, 'plan', 'p')).steps;
  expect(step.action).toBe('run');
  const found = Object.fromEntries(step.reasons.map((one: Document) => [`${one.code} ${one.detail}`, one]));
  expect(found).toMatchObject({
    'command-changed command': { before: 'cat in.txt > a.txt', after: 'cat ./in.txt > b.txt' },
    'env-changed MODE': { before: 'fast', after: 'slow' },
    'param-changed x': { before: '1', after: '2' },
    'param-changed y': { before: '[1,2]', after: '[1,3]' },
    'input-changed in.txt': {
      before: expect.stringMatching(/^[0-9a-f]{8,}/),
      after: expect.stringMatching(/^[0-9a-f]/),
    },
    'input-changed more/1': { before: expect.stringMatching(/^[0-9a-f]{8,}/) },
    'input-changed more/2': { after: expect.stringMatching(/^[0-9a-f]{8,}/) },
  });
  expect(found['input-changed more/1'].after).toBeUndefined();
  const { stdout } = await rig.refit('plan', 'p');
  for (const said of ['x: 1 → 2', 'MODE: fast → slow', 'in.txt', 'more/1', 'more/2']) expect(stdout).toContain(said);
});

it('plan says the reason of each step: never ran, undeclared, missing, edited, upstream, environment, forced', async () => {
  const step = (name: string, rest: string): string =>
    `  ${name}: { run: "echo ${name} > ${name}.txt", outputs: [${name}.txt], ${rest} }`;
  const old = [
    step('undeclared', ''),
    step('missing', 'inputs: []'),
    step('altered', 'inputs: []'),
    step('edited', 'inputs: [in.txt]'),
    step('downstream', 'inputs: [edited.txt]'),
    step('env', 'inputs: [], env: { TZ: { from: MY_ZONE } }'),
    step('fresh', 'inputs: []'),
  ];
  const env: Record<string, string> = { MY_ZONE: 'UTC' };
  using rig = createRig({ ...pipeline(old.join('\n')), 'in.txt': '1' }, env);
  await rig.json(0, 'run', 'p');
  rig.write({ ...pipeline([...old, step('new', 'inputs: []')].join('\n')), 'in.txt': '2', 'altered.txt': 'by hand' });
  rig.remove('missing.txt');
  env.MY_ZONE = 'CET';
  const { steps } = await rig.json(0, 'plan', 'p', '--force=fresh');
  expect(Object.fromEntries(steps.map((one: Document) => [one.name, [one.action, ...codesOf(one)]]))).toEqual({
    undeclared: ['run', 'inputs-undeclared'],
    missing: ['restore', 'output-missing'],
    altered: ['restore', 'output-changed'],
    edited: ['run', 'input-changed'],
    downstream: ['undecided', 'upstream-will-run'],
    env: ['run', 'env-changed'],
    fresh: ['run', 'forced'],
    new: ['run', 'never-ran'],
  });
  expect(steps.find((one: Document) => one.name === 'downstream').reasons[0].detail).toContain('edited');
  expect(steps.find((one: Document) => one.name === 'env').reasons[0]).toMatchObject({ before: 'UTC', after: 'CET' });
});

it('plan says what else has changed in a forced step', async () => {
  using rig = createRig({
    ...pipeline('  a: { run: cp in.txt a.txt, inputs: [in.txt], outputs: [a.txt] }'),
    'in.txt': '1',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'in.txt': '2' });
  const [step] = (await rig.json(0, 'plan', 'p', '--force')).steps;
  expect([...codesOf(step)].sort()).toEqual(['forced', 'input-changed']);
});

it('plan names a missing or edited output beside a changed input', async () => {
  using rig = createRig({
    ...pipeline('  a: { run: cp in.txt a.txt; cp in.txt b.txt, inputs: [in.txt], outputs: [a.txt, b.txt] }'),
    'in.txt': '1',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'in.txt': '2', 'a.txt': 'by hand' });
  rig.remove('b.txt');
  const [step] = (await rig.json(0, 'plan', 'p')).steps;
  expect([...codesOf(step)].sort()).toEqual(['input-changed', 'output-changed', 'output-missing']);
});

it('runs nothing after a step that writes the same bytes again, and reports it', async () => {
  using rig = createRig({
    ...pipeline(`  a: { run: head -c 3 in.txt > a.txt, inputs: [in.txt], outputs: [a.txt] }
  b: { run: echo b >> ran.txt; cp a.txt b.txt, inputs: [a.txt], outputs: [b.txt] }`),
    'in.txt': 'one two',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'in.txt': 'one three' });
  expect((await rig.json(0, 'plan', 'p')).steps.map((one: Document) => one.action)).toEqual(['run', 'undecided']);
  const { run } = await rig.json(0, 'run', 'p');
  expect(run.steps.map((one: Document) => one.status)).toEqual(['succeeded', 'skipped']);
  expect(run.steps[0].reasons).toMatchObject([{ code: 'input-changed', detail: 'in.txt' }]);
  expect(rig.read('ran.txt')).toBe('b\n');
});

it('never caches a step without declared inputs, and caches one that declares none', async () => {
  using rig = createRig(
    pipeline(`  unknown: { run: echo unknown >> ran.txt; echo 1 > u.txt, outputs: [u.txt] }
  none: { run: echo none >> ran.txt; echo 1 > n.txt, inputs: [], outputs: [n.txt] }`),
  );
  await rig.json(0, 'run', 'p', '--jobs', '1');
  expect((await rig.json(0, 'plan', 'p')).steps.map((one: Document) => one.action)).toEqual(['run', 'skip']);
  await rig.json(0, 'run', 'p');
  rig.remove('u.txt');
  await rig.json(0, 'run', 'p');
  expect(rig.read('ran.txt')).toBe('unknown\nnone\nunknown\nunknown\n');
});

it('runs a step with "cache: false" every time, and stores its outputs', async () => {
  using rig = createRig(
    pipeline(
      '  a: { run: echo a >> ran.txt; echo $REFIT_RUN_ID > a.txt, inputs: [], outputs: [a.txt], cache: false }',
      'model: a.txt\n',
    ),
  );
  const first = await rig.json(0, 'run', 'p');
  const second = await rig.json(0, 'run', 'p');
  expect([first.run.steps[0].status, second.run.steps[0].status]).toEqual(['succeeded', 'succeeded']);
  expect([first.model_version, second.model_version]).toEqual(['p@1', 'p@2']);
  expect(rig.read('ran.txt')).toBe('a\na\n');
  rig.remove('a.txt');
  rig.write({
    'pipelines/p.yaml': rig
      .read('pipelines/p.yaml')
      .replace('model: a.txt', 'model: { path: a.txt, publish: { path: serving } }'),
  });
  await rig.json(0, 'promote', 'p@1', '--reason', 'stored');
  expect(rig.read('serving/current/a.txt')).toBe(`${first.run.id}\n`);
});
