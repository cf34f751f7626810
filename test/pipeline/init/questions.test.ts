import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { isInstalled } from '../../support/required.js';
import { createRig, type Rig } from '../../support/rig.js';
import { openTerminal } from '../../support/terminal.js';

const canAsk = isInstalled(spawnSync('tmux', ['-V']).status === 0, 'tmux');

const script = (table: string, model: string): string =>
  `import joblib, pandas as pd\ndf = pd.read_csv("${table}")\nmodel.fit(df)\njoblib.dump(model, "${model}")\n`;

const project = (): Rig =>
  createRig({
    'train_large.py': script('data/a.csv', 'large.joblib'),
    'train_small.py': script('data/b.csv', 'small.joblib'),
    'data/a.csv': 'x\n1\n',
    'data/b.csv': 'x\n1\n',
  });

it.skipIf(!canAsk)('asks three questions at a terminal, and takes numbers, texts and empty answers', async () => {
  using rig = project();
  using terminal = openTerminal(rig, 'init', { columns: 100, rows: 40 });
  await terminal.shows('Name of the pipeline?');
  terminal.press('churn');
  terminal.press('Enter');
  await terminal.shows('Which script makes the model that serves?');
  terminal.press('2');
  terminal.press('Enter');
  await terminal.shows('Which data should be watched for drift?');
  terminal.press('Enter');
  await terminal.shows('EXIT 0');
  expect(parse(rig.read('pipelines/churn.yaml'))).toMatchObject({
    pipeline: 'churn',
    model: { path: 'small.joblib' },
    datasets: { a: { path: 'data/a.csv' } },
  });
});

it.skipIf(!canAsk).each([
  ['flags', '--name q --train train_large.py --data data/b.csv'],
  ['--yes', '--name q --yes'],
])('asks nothing at a terminal with %s', async (_, flags) => {
  using rig = project();
  using terminal = openTerminal(rig, `init ${flags}`, { columns: 120, rows: 40 });
  const screen = await terminal.shows('EXIT 0');
  expect(screen.join('\n')).not.toContain('?');
  expect(rig.has('pipelines/q.yaml')).toBe(true);
});

it('asks nothing without a terminal', async () => {
  using rig = project();
  const { exit, stderr } = await rig.refit('init', '--name', 'q');
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
});
