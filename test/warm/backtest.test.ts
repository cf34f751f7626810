import { expect, it } from 'vitest';
import type { Document } from '../support/rig.js';
import { clicks } from './clicks.js';

it('replays a policy that trains on from the champion beside the same policy from zero', async () => {
  using rig = clicks({ retrain: 'when: { new_data: { dataset: clicks, rows: 300 } }' });
  const asked = ['clicks', '--from', '2026-02-01', '--to', '2026-05-02', '--every', '30d'];
  const { policies } = await rig.json(0, 'backtest', ...asked);
  expect(policies.map((one: Document) => one.name)).toEqual(['policy', 'from-zero', 'never', 'every']);
  const [own, zero] = policies;
  expect([own.trainings, zero.trainings]).toEqual([4, 4]);
  expect(zero.label).toBe('always from zero');
  expect(own.ticks.at(-1).summary).not.toContain('from zero');
  expect(zero.ticks.at(-1).summary).toContain('from zero');
  // the first model is the same, and a later one is not
  expect(zero.ticks[1].metrics).toEqual(own.ticks[1].metrics);
  expect(zero.ticks[3].metrics.logloss).not.toBe(own.ticks[3].metrics.logloss);
});
