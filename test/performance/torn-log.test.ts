import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dayOf, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig } from '../support/rig.js';

const rows = logRows({ days: 30 });
const csv = (from: number, to: number): string =>
  rows
    .slice(from, to)
    .map(({ id, at, score, label, site }) => `${at},${score},${label},${id},${site}\n`)
    .join('');
const HEADER = 'at,score,truth,id,site\n';
const ask = [
  'check-performance',
  'log.csv',
  '--time',
  'at',
  '--prediction',
  'score',
  '--label',
  'truth',
  '--metric',
  'auc',
];

it.each([
  ['the beginning of a row', '2026-02-20T2'],
  ['a row without its last fields', '2026-02-20T20:00:00Z,0.41'],
  ['an open quote', '2026-02-20T20:00:00Z,"0.4'],
])('leaves an incomplete last line of a CSV log for the next time: %s', async (_, half) => {
  using rig = createRig({ 'log.csv': `${HEADER}${csv(0, 5000)}` });
  const before = await rig.json(0, ...ask);
  appendFileSync(join(rig.root, 'log.csv'), half);
  expect((await rig.json(0, ...ask)).current).toEqual(before.current);
});

it('reads the rest of the line when it has arrived, and nothing twice', async () => {
  const pipeline = WATCHED.replaceAll('logs/*.jsonl', 'logs/*.csv');
  using rig = createRig(watchedFiles(pipeline));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const labels = `id,label\n${rows.map(({ id, label }) => `${id},${label}\n`).join('')}`;
  const text = `${HEADER}${csv(0, rows.length)}`;
  const cut = text.length - 17;
  rig.write({ 'logs/a.csv': text.slice(0, cut), 'labels/a.csv': labels });
  const look = ['check-performance', 'watched', '--metric', 'auc', '--window', '7d', '--now', dayOf(30)] as const;
  const torn = await rig.json(0, ...look);
  appendFileSync(join(rig.root, 'logs/a.csv'), text.slice(cut));
  const whole = await rig.json(0, ...look);
  rig.remove('.refit/cache');
  expect(await rig.json(0, ...look)).toEqual(whole);
  expect(torn.counts.predictions).toBe(whole.counts.predictions - 1);
});

it('names a broken row of a log with its line, also if it was appended later', async () => {
  const pipeline = WATCHED.replaceAll('logs/*.jsonl', 'logs/*.csv');
  using rig = createRig(watchedFiles(pipeline));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const labels = `id,label\n${rows.map(({ id, label }) => `${id},${label}\n`).join('')}`;
  rig.write({ 'logs/a.csv': `${HEADER}${csv(0, 5700)}`, 'labels/a.csv': labels });
  const look = ['check-performance', 'watched', '--metric', 'auc', '--window', '7d', '--now', dayOf(30)] as const;
  const broken = async () =>
    (await rig.json(0, ...look)).problems.filter((one: { code: string }) => one.code === 'broken-rows');
  expect(await broken()).toEqual([]);
  appendFileSync(join(rig.root, 'logs/a.csv'), `${csv(5700, 5800)}oops\n${csv(5800, 6000)}`);
  const [found] = await broken();
  expect(found?.detail).toContain('a.csv:5802');
});
