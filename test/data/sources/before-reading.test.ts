import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';

const DATASETS = `datasets:
  rides:
    source: command
    run: touch asked; printf "id,at\\n1,2026-01-02\\n"; true \${{ window.from }} \${{ window.until }}
    from: 2026-01-01
    every: EVERY
    time: at
`;
const STEPS = `steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
`;
const pipeline = (more = '', every = '30d'): string =>
  `pipeline: rides\n${DATASETS.replace('EVERY', every)}${STEPS}${more}`;

it.each([
  ['check-drift', 'monitor', ''],
  ['check-performance', 'monitor.predictions', ''],
  ['retrain', 'retrain', 'model: model.txt\n'],
])('%s says that the section %s is missing before it asks a source', async (command, section, more) => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline(more) });
  const ended = await rig.refit(command, 'rides', '--json', '--now', '2026-02-01');
  expect(ended.exit).toBe(2);
  expect(JSON.parse(ended.stdout).error).toMatchObject({
    code: 'section-missing',
    message: expect.stringContaining(section),
  });
  expect(rig.has('asked')).toBe(false);
});

it('check-data says that it knows no such dataset before it asks a source', async () => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline() });
  expect(await rig.refit('check-data', 'rides', '--dataset', 'trips')).toMatchObject({ exit: 2 });
  expect(rig.has('asked')).toBe(false);
});

it('validate warns of more windows than are read, and a run says so', async () => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline('', '1h').replace('from: 2026-01-01', 'from: 2020-01-01') });
  const { files } = await rig.json(0, 'validate', 'rides');
  expect(files[0].diagnostics).toMatchObject([
    {
      severity: 'warning',
      code: 'many-windows',
      message: expect.stringContaining('more than 10000 windows of 1h since 2020-01-01'),
    },
  ]);
  const refused = await rig.refit('run', 'rides', '--json', '--now', '2026-01-08');
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('more than 10000 windows of 1h since 2020-01-01'),
    next: expect.stringContaining('"every"'),
  });
});

it('a run warns of it a month before', async () => {
  using rig = createRig({
    'pipelines/rides.yaml': pipeline('', '1h').replace('from: 2026-01-01', 'from: "2026-01-07T22:00:00Z"'),
  });
  const soon = await rig.refit('run', 'rides', '--now', '2026-01-08');
  expect(soon.stderr).not.toContain('many-windows');
  expect(soon.exit).toBe(0);
  rig.write({ 'pipelines/rides.yaml': pipeline('', '1d').replace('from: 2026-01-01', 'from: 1998-08-20') });
  const { files } = await rig.json(0, 'validate', 'rides');
  expect(files[0].diagnostics).toMatchObject([{ code: 'many-windows' }]);
});

const MONITOR = (last: string): string => `model: model.txt
monitor: { reference: { last: ${last} }, current: { dataset: rides, window: 28d } }
`;

it('a reference of windows that are not there says what to write', async () => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline(MONITOR('500 windows')) });
  const drift = await rig.json(0, 'check-drift', 'rides', '--now', '2026-01-20');
  expect(drift).toMatchObject({
    verdict: 'undecided',
    undecided_because: 'no-earlier-window',
    detail: expect.stringContaining('write a shorter "window" under "current"'),
  });
  rig.write({ 'pipelines/rides.yaml': pipeline(MONITOR('1000 windows')) });
  const { files } = await rig.json(2, 'validate', 'rides');
  expect(JSON.stringify(files[0].diagnostics)).toContain('at most \\"999 windows\\"');
});
