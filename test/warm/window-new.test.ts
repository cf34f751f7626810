import { expect, it } from 'vitest';
import type { Document } from '../support/rig.js';
import { after, clicks, data, month, retrainAfter } from './clicks.js';

const NEW = {
  train:
    'node train.js ${{ champion.path }} ${{ outputs.model }} work/metrics.json 2 ${{ window.new }}; cat ${{ window.new }} /dev/null > work/rows.txt',
};

const rowsIn = (rig: { readonly read: (path: string) => string }): number =>
  JSON.parse(rig.read('work/metrics.json')).rows;

it('hands over the rows that the champion did not have, cut by time from a file that held them all', async () => {
  using rig = clicks(NEW, { 'data/all.csv': `${month('01')}${month('02').split('\n').slice(1).join('\n')}` });
  const [first, second] = await retrainAfter(rig, ['01', '02']);
  expect([first?.outcome, second?.outcome]).toEqual(['published', 'published']);
  expect(rowsIn(rig)).toBe(336);
  expect(rig.read('work/rows.txt').split('\n').slice(1).join('\n')).toBe(month('02').split('\n').slice(1).join('\n'));
  expect(JSON.parse(rig.read('work/model.json')).seen).toBe(2 * 336);
  expect((await rig.json(0, 'reproduce', 'clicks@2')).verdict).toBe('same');
});

it('counts rows before the window of the champion as new, where the window is longer now', async () => {
  const all = ['01', '02', '03'].map((name, i) =>
    month(name)
      .split('\n')
      .slice(i === 0 ? 0 : 1)
      .join('\n'),
  );
  using rig = clicks(NEW, { 'data/all.csv': all.join('') });
  const yaml = rig.read('pipelines/clicks.yaml');
  const windowed = (window: string): void =>
    rig.write({ 'pipelines/clicks.yaml': yaml.replace('time: at', `time: at, window: ${window}`) });
  // March begins 31 days before April: the first training has that month only.
  windowed('31d');
  await retrainAfter(rig, ['03']);
  expect(rig.read('work/rows.txt').trim().split('\n').slice(1)).toEqual(month('03').trim().split('\n').slice(1));
  windowed('60d');
  await rig.json(0, 'retrain', 'clicks', '--force', '--now', '2026-04-01T01:00:00Z');
  expect(rig.read('work/rows.txt').trim().split('\n').slice(1)).toEqual(month('02').trim().split('\n').slice(1));
  expect((await rig.json(0, 'reproduce', 'clicks@2')).verdict).toBe('same');
});

it('hands new rows over in the same place each time, and leaves nothing there', async () => {
  const place = { train: `${NEW.train}; echo \${{ window.new }} >> places` };
  using rig = clicks(place, { 'data/all.csv': month('01') + month('02').split('\n').slice(1).join('\n') });
  await retrainAfter(rig, ['01', '02']);
  expect(rig.read('places').trim().split('\n').at(-1)).toMatch(/^\.refit\/new\/clicks\/[0-9a-f]{16}\/all\.csv$/);
  const first = rig.read('places').trim().split('\n').at(-1);
  rig.write({ 'data/all.csv': `${rig.read('data/all.csv')}${month('03').split('\n').slice(1).join('\n')}` });
  await retrainAfter(rig, ['03']);
  expect(rig.read('places').trim().split('\n').at(-1)).toBe(first);
  expect(rig.has('.refit/new/clicks')).toBe(false);
});

it('finds new files under any name, late rows in old files, and nothing in files that were only renamed', async () => {
  using rig = clicks(NEW, data(['01', '02']));
  await rig.json(0, 'retrain', 'clicks');
  expect(rowsIn(rig)).toBe(2 * 336);
  const [head = '', ...rows] = month('03').trim().split('\n');
  rig.write({
    'data/renamed.csv': rig.read('data/2026-01.csv'),
    'data/2026-03.csv': `${head}\n${rows.slice(0, 100).join('\n')}\n`,
  });
  rig.remove('data/2026-01.csv');
  // One late row of February in the middle, and a row that was there once is there twice.
  const [februaryHead = '', ...february] = rig.read('data/2026-02.csv').trim().split('\n');
  const late = '2026-02-11T23:00:00Z,0.125,0.250,0.500,1';
  rig.write({
    'data/2026-02.csv': `${[februaryHead, ...february.slice(0, 50), late, ...february.slice(50), february[3]].join('\n')}\n`,
  });
  const second = await rig.json(0, 'retrain', 'clicks');
  expect(second.outcome).toBe('published');
  expect(rig.read('work/rows.txt')).toBe(
    `${februaryHead}\n${late}\n${february[3]}\n${head}\n${rows.slice(0, 100).join('\n')}\n`,
  );
  // The earlier bytes of February told which rows are new, so they belong to what made version 2.
  const { inputs, possible } = (await rig.json(0, 'why', 'clicks@2')).rebuild;
  expect(possible).toBe(true);
  expect(inputs.filter((one: Document) => one.path.startsWith('.refit/earlier/'))).toHaveLength(1);
  expect((await rig.json(0, 'reproduce', 'clicks@2')).verdict).toBe('same');
  const again = await rig.json(0, 'retrain', 'clicks', '--force');
  expect(again.outcome).toBe('nothing-new');
});

it('counts all rows of a changed file as new, and says so, where its earlier bytes were not kept', async () => {
  using rig = clicks(NEW, { ...data(['01']), 'refit.yaml': 'store: { inputs: none }\n' });
  await rig.json(0, 'retrain', 'clicks');
  rig.write({ 'data/2026-01.csv': `${rig.read('data/2026-01.csv')}2026-01-28T23:00:00Z,1,1,1,1\n` });
  const { stderr } = await rig.refit('retrain', 'clicks');
  expect(stderr).toContain('all rows of data/2026-01.csv count as new');
  expect(rowsIn(rig)).toBe(337);
});

it('hands over all rows to a training from zero, and keeps out what a person called a bug', async () => {
  using rig = clicks(
    { ...NEW, gate: '{ metric: logloss, max: 0.9, against: scratch, max_regression: 1 }' },
    { ...data(['01', '02']), 'data/2026-03.csv': month('03') },
  );
  await retrainAfter(rig, ['01']);
  await rig.json(
    0,
    'event',
    'clicks',
    '--from',
    '2026-02-01',
    '--until',
    '2026-02-15',
    '--name',
    'outage',
    '--effect',
    'exclude',
  );
  const second = await rig.json(0, 'retrain', 'clicks', '--now', after('02'));
  expect(second.model_version).toBe('clicks@3');
  expect(rowsIn(rig)).toBe(14 * 12);
  const rows = async (version: string): Promise<number> => {
    const { training } = await rig.json(0, 'why', version);
    return training[0].metrics.rows;
  };
  expect(await rows('clicks@2')).toBe(336 + 14 * 12);
  expect(await rows('clicks@3')).toBe(14 * 12);
});
