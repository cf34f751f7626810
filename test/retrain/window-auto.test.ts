import { expect, it } from 'vitest';
import type { Document } from '../support/rig.js';
import { dayOf, windowedRig } from './windowed-world.js';

it('trying', async () => {
  const TURN = 130;
  using rig = windowedRig({ world: { days: 250, turned: ({ day }) => (day < TURN ? 0 : 1) } });
  const report = await rig.json(0, 'backtest', 'turn', '--from', dayOf(98), '--to', dayOf(245), '--every', '7d');
  for (const { label, mean, ticks } of report.policies) {
    console.log(label, mean);
    for (const tick of ticks as Document[]) console.log(' ', tick.at.slice(0, 10), tick.decision, tick.outcome, tick.metrics.mae?.toFixed(3), tick.windows.map((one: Document) => `${one.because} ${one.from}`).join(), tick.summary);
  }
  console.log(dayOf(TURN));
  expect(report.policies.length).toBe(6);
}, 600_000);
