import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps: { t: { run: "echo 1 > m.txt", inputs: [], outputs: [m.txt] } }
model: { name: m, path: m.txt }
`;

it('shows the champion, the last run and how long it serves of a pipeline whose file is invalid by now', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'pipelines/q.yaml': 'pipeline: q\nsteps: {}\nx: 1\n' });
  const { run } = await rig.json(0, 'run', 'p');
  await rig.json(0, 'promote', 'm@1', '--reason', 'r');
  rig.write({ 'pipelines/p.yaml': `${PIPELINE}x: 1\n` });
  const { pipelines } = await rig.json(0, 'status');
  const [p, q] = pipelines;
  expect(p).toMatchObject({ problem: expect.stringContaining('invalid'), champion: { version: 1 } });
  expect(p.last_run.id).toBe(run.id);
  expect(q.champion).toBeNull();
  expect((await rig.refit('status')).stdout).toContain('m@1 since');
});
