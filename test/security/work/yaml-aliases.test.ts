import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { timed } from './timed.js';

/** Each with an anchor of the same name before it. */
const ALIASES = `[${Array.from({ length: 20_000 }, () => '&a 1, *a').join(', ')}]`;
/** Keys that are lists, and anchors that the parser would go through for each. */
const KEYS = `{${Array.from({ length: 10_000 }, (_, i) => `? &k${i} [${i}] : 1`).join(', ')}}`;

const step = (more: string): string => `pipeline: p
steps: { s: { run: 'true', inputs: [data.yaml${more}], outputs: [o] } }
`;

it.each([
  ['aliases', ALIASES],
  ['keys with anchors', KEYS],
])('reads a pipeline file with many %s in bounded time', async (_, many) => {
  using rig = createRig({ 'pipelines/p.yaml': `${step('')}params: { a: ${many} }\n`, 'data.yaml': '' });
  await timed(rig, 'validate', 'p');
  await timed(rig, 'status', 'P');
});

it.each([
  ['parts', '{ b: 1 }'],
  ['aliases', '*a'],
])('names thousands of wrong %s of one line in bounded time', async (_, one) => {
  const wrong = Array.from({ length: 4000 }, () => one).join(', ');
  using rig = createRig({ 'pipelines/p.yaml': `x: &a { b: 1 }\n${step(`, ${wrong}`)}`, 'data.yaml': '' });
  const { exit, text } = await timed(rig, 'validate', 'p');
  expect(exit).toBe(2);
  expect(text).toContain('too-many-faults');
  expect((await timed(rig, 'validate', 'p', '--json')).text.length).toBeLessThan(50_000_000);
});

it('reads values of a file with many aliases, and a wrong name, in bounded time', async () => {
  using rig = createRig({
    'pipelines/p.yaml': step(', { file: values.yaml, keys: [lr] }'),
    'pipelines/q.yaml': `pipeline: q\nsteps: { s: { run: 'true', inputs: [], outputs: [q] } }\nparams: { a: ${ALIASES} }\n`,
    'values.yaml': `lr: 1\nmany: ${ALIASES}\n`,
    'data.yaml': '',
  });
  await timed(rig, 'plan', 'p');
  await timed(rig, 'plan', 'p', '--only', 'no-such-step');
  await timed(rig, 'completion', 'zsh', '--', 'run', 'q', '--only', '');
});

it('imports a pipeline of DVC whose params have many keys and aliases in bounded time', async () => {
  const keys = Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n');
  using rig = createRig({
    'dvc.yaml': "stages: { s: { cmd: 'true', params: [k1], outs: [o] } }\n",
    'params.yaml': `${keys}\nmany: ${ALIASES}\n`,
    'pipelines/p.yaml': step(''),
  });
  expect((await timed(rig, 'import', 'dvc.yaml', '--name', 'd')).exit).toBe(0);
});
