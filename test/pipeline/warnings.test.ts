import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const text = (run: string): string => `pipeline: own-name
datasets: { absent: { path: "absent/*.csv", time: at } }
steps:
  train: { run: ${run}, inputs: [in.txt], outputs: [m] }
model: { path: m, gate: [{ smoke: "true" }], first: accept }
retrain: weekly
`;

it('shows the warnings of a pipeline file in every command that loads it, each once', async () => {
  using rig = createRig({ 'pipelines/file-name.yaml': text('cp in.txt m'), 'in.txt': 'a' });
  const commands = [
    ['validate', 'own-name'],
    ['plan', 'own-name'],
    ['run', 'own-name'],
    ['promote', 'own-name@1', '--reason', 'first'],
    ['status', 'own-name'],
    ['retrain', 'own-name', '--dry-run'],
    ['retrain', '--all', '--dry-run'],
    ['pause', 'own-name', '--reason', 'a test'],
    ['event', 'own-name', '--from', '2026-01-01', '--until', '2026-01-02', '--name', 'x'],
    ['rollback', 'own-name', '--reason', 'a test'],
  ];
  const counted = [];
  for (const words of commands) {
    const { stderr } = await rig.refit(...words);
    counted.push([words.join(' '), stderr.split('empty-dataset').length - 1]);
  }
  expect(counted).toEqual(commands.map((words) => [words.join(' '), 1]));
});

it('makes push wait for a run of a pipeline whose name differs from its file', async () => {
  using rig = createRig({ 'pipelines/file-name.yaml': text(STEERED), 'in.txt': 'a' });
  const running = rig.start('run', 'own-name');
  const step = await rig.started('train');
  rig.write({ 'share/kept': '' });
  const busy = await rig.refit('push', './share');
  expect(busy).toMatchObject({ exit: 6, stderr: expect.stringContaining('own-name') });
  await step.write('m', 'model');
  await step.exit(0);
  await running.ended;
});

it('reports what is wrong with refit.yaml also for a pipeline by name', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps: { a: { run: "true", inputs: [], outputs: [] } }\n',
    'refit.yaml': 'executors: { slurm: { acount: team } }\n',
  });
  const ended = await rig.refit('validate', 'p');
  expect(ended).toMatchObject({ exit: 2 });
  expect(`${ended.stdout}${ended.stderr}`).toMatch(/refit\.yaml:1:\d+[\s\S]*acount[\s\S]*account/);
});
