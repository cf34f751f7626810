import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');

// every week, as in the README, is for "npm run bench:backtest"; every 50 days is the same in a sixth of the time
it('replays the flights policy from January to June, and answers within 5 seconds the second time', async () => {
  using rig = createRig();
  rig.copy('pipelines/flights', 'pipelines/flights');
  rig.copy('pipelines/flights.yaml', 'pipelines/flights.yaml');
  rig.link('node_modules', resolve(PROJECT, 'node_modules'));
  const months = [1, 2, 3, 4, 5, 6].map((month) => `2001-0${month}`);
  execFileSync(process.execPath, ['pipelines/flights/land.js', ...months], { cwd: rig.root });
  const ask = ['backtest', 'flights', '--from', '2001-02-01', '--to', '2001-07-01', '--every', '50d'];
  const cold = await rig.json(0, ...ask);
  process.stderr.write(`flights replayed in ${Math.round(cold.duration_ms / 1000)} s\n`);
  expect(cold).toMatchObject({ cached: false, metric: 'auc' });
  expect(cold.policies.map((one: Document) => one.name)).toEqual(['policy', 'never', 'every', 'every-drift']);
  for (const { ticks, mean } of cold.policies) {
    expect(ticks).toHaveLength(4);
    expect(mean).toBeGreaterThan(0.6);
  }
  expect(cold.policies[0].trainings).toBeGreaterThan(1);
  expect(cold.policies[0].training_ms).toBeGreaterThan(0);
  expect(cold.policies[1].trainings).toBe(1);
  const started = performance.now();
  expect(await rig.json(0, ...ask)).toMatchObject({ cached: true, policies: cold.policies });
  expect(performance.now() - started).toBeLessThan(5000);
}, 600_000);
