import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const pipeline = (name: string): Readonly<Record<string, string>> => ({
  [`pipelines/${name}.yaml`]: `pipeline: ${name}
steps:
  train-${name}: { run: ${STEERED}, inputs: [], outputs: [${name}.txt] }
model: { path: ${name}.txt, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { max_age: 30d } }
`,
});

it('retrains as many pipelines at once as --jobs says, and shows each in one block', async () => {
  using rig = createRig({ ...pipeline('a'), ...pipeline('b'), ...pipeline('c') });
  const retraining = rig.start('retrain', '--all', '--jobs', '2');
  const [a, b] = await Promise.all([rig.started('train-a'), rig.started('train-b')]);
  expect(rig.startedCount('train-c')).toBe(0);
  await b.write('b.txt', 'b');
  await b.exit(0);
  const c = await rig.started('train-c');
  await c.exit(3);
  await a.write('a.txt', 'a');
  await a.exit(0);
  const ended = await retraining.ended;
  expect(ended.exit).toBe(1);
  const shown = ended.stderr.split('\n').filter((line) => /^(run |succeeded|failed)/.test(line));
  expect(shown.map((line) => line.replace(/run \S+ of/, 'run of').replace(/ +\d.*/, ''))).toEqual([
    'run of b',
    'succeeded train-b',
    expect.stringMatching(/^run of [ac]$/),
    expect.stringMatching(/train-[ac]$/),
    expect.stringMatching(/^run of [ac]$/),
    expect.stringMatching(/train-[ac]$/),
  ]);
  const order = ['a', 'b', 'c'].map((name) => ended.stdout.indexOf(`train-${name}`));
  expect(order).toEqual([...order].sort((x, y) => x - y));
  expect(rig.query('SELECT pipeline, status FROM run ORDER BY pipeline')).toEqual([
    { pipeline: 'a', status: 'succeeded' },
    { pipeline: 'b', status: 'succeeded' },
    { pipeline: 'c', status: 'failed' },
  ]);
});

it('refuses --jobs without --all', async () => {
  using rig = createRig(pipeline('a'));
  const ended = await rig.refit('retrain', 'a', '--jobs', '2');
  expect(ended.exit).toBe(2);
  expect(ended.stderr).toContain('refit retrain --all --jobs 2');
});
