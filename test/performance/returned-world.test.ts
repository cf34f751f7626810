import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig } from '../support/rig.js';

const PIPELINE = WATCHED.replace(
  'steps:\n',
  `datasets: { rows: { path: "data/*.csv", time: at } }
steps:
  extract: { run: cp source.csv rows.csv, inputs: [source.csv], outputs: [rows.csv] }
`,
).replace('monitor:\n', 'monitor:\n  reference: rows.csv\n  current: { dataset: rows, window: 7d }\n');

/** Inputs of a winter (power 1) or a summer (power 3): laws that no unit explains. */
const inputs = (from: number, days: number, power: (day: number) => number): string => {
  const rows = Array.from({ length: days * 60 }, (_, i) => {
    const day = from + Math.floor(i / 60);
    return `${dayOf(day)},${(100 * (((i * 37) % 101) / 101) ** power(day)).toFixed(2)}`;
  });
  return `at,x\n${rows.join('\n')}\n`;
};

it('calls a change recurring where the error grows and the data return to what an earlier version was trained on', async () => {
  using rig = createRig({ ...watchedFiles(PIPELINE), 'source.csv': inputs(-20, 20, () => 1), 'data/.keep': '' });
  rig.write({ 'data/a.csv': inputs(-20, 20, () => 1) });
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(-1));
  rig.write({ 'source.csv': inputs(-20, 20, () => 3), 'source.txt': 'summer' });
  await rig.json(0, 'retrain', 'watched', '--force', '--now', dayOf(0));
  const rows = logRows({ days: 50, lost: (day) => (day >= 38 ? 0.4 : 0) });
  rig.write({
    'data/b.csv': inputs(0, 50, (day) => (day >= 38 ? 1 : 3)),
    'logs/a.jsonl': jsonLines(rows),
    'labels/a.csv': `id,label\n${labelLines(rows)}`,
  });
  const document = await rig.json(3, 'check-performance', 'watched', '--now', dayOf(47));
  expect(document).toMatchObject({
    verdict: 'drift',
    version: { version: 2 },
    change: { form: 'recurring', returned_to: { model: 'watched', version: 1 } },
  });
  expect(document.detail).toContain('The data have returned to what watched@1 was trained on.');
  // in a new world, or in the same one, it is what the errors say
  rig.write({ 'data/b.csv': inputs(0, 50, () => 3) });
  const same = await rig.json(3, 'check-performance', 'watched', '--now', dayOf(47));
  expect(same.change).toMatchObject({ form: 'sudden', returned_to: null });
});
