import { expect, it } from 'vitest';
import {
  dayOf,
  jsonLines,
  type LoggedRow,
  labelLines,
  logRows,
  WATCHED,
  watchedFiles,
} from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = WATCHED.replace('steps:\n', 'datasets: { rows: { path: "data/*.csv", time: at } }\nsteps:\n')
  .replace(
    'steps:\n',
    'steps:\n  copy: { run: "cat ${{ datasets.rows }} > rows.csv", inputs: ["${{ datasets.rows }}"], outputs: [rows.csv] }\n',
  )
  .replace(
    'monitor:\n',
    'monitor:\n  reference: rows.csv\n  current: { dataset: rows, window: 14d }\n  segments: [site]\n',
  );

/** The model's input, the same law all the time. */
const inputs = (from: number, days: number): string =>
  `at,x\n${Array.from({ length: days * 40 }, (_, i) => `${dayOf(from + Math.floor(i / 40))},${(i * 37) % 101}`).join('\n')}\n`;

async function served(logs: readonly LoggedRow[], labels: readonly LoggedRow[] = logs): Promise<Rig> {
  const rig = createRig({ ...watchedFiles(PIPELINE), 'data/a.csv': inputs(-30, 30) });
  const trained = await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  expect(trained.promotion.to).toBe(1);
  rig.write({ 'data/b.csv': inputs(0, 14) });
  if (logs.length > 0)
    rig.write({ 'logs/a.jsonl': jsonLines(logs), 'labels/a.csv': `id,label\n${labelLines(labels)}` });
  return rig;
}

const check = (rig: Rig, exit: number): Promise<Document> =>
  rig.json(exit, 'check-drift', 'watched', '--now', dayOf(14));
const ofRole = (report: Document, role: string): Document =>
  report.features.filter((one: Document) => one.role === role);

it('judges logged predictions and their labels against those at the gate, each in its role', async () => {
  using rig = await served(logRows({ days: 14 }));
  const report = await check(rig, 0);
  expect(report.verdict).toBe('stable');
  expect(ofRole(report, 'prediction')).toMatchObject([{ name: 'score', method: 'ks', verdict: 'stable' }]);
  expect(ofRole(report, 'label')).toMatchObject([{ name: 'label', kind: 'categorical', verdict: 'stable' }]);
  expect(ofRole(report, 'feature')).toMatchObject([{ name: 'x', verdict: 'stable' }]);
});

it('says that predictions move although no input does', async () => {
  using rig = await served(logRows({ days: 14, moved: () => 1.5 }));
  const report = await check(rig, 3);
  expect(ofRole(report, 'prediction')).toMatchObject([{ name: 'score', verdict: 'drift' }]);
  expect(ofRole(report, 'label')).toMatchObject([{ name: 'label', verdict: 'drift' }]);
  expect(report.detail).toContain('the predictions (score) move though no input does');
});

it('names the slice that moved', async () => {
  const rows = logRows({ days: 14 }).map((row) => (row.site === 'n' ? { ...row, score: 0.02 } : row));
  using rig = await served(rows);
  const [prediction] = ofRole(await check(rig, 3), 'prediction');
  expect(prediction.detail).toContain('it moved in site=n (25 % of the rows)');
});

it('judges labels only where they can have arrived, and classes by their rates', async () => {
  // the last day's labels are all 1 as yet: those that come first
  const rows = logRows({ days: 14 });
  const early = rows.filter((row) => row.at < dayOf(13) || row.label === 1);
  using rig = await served(rows, early);
  expect(ofRole(await check(rig, 0), 'label')).toMatchObject([{ verdict: 'stable' }]);
});

it('is undecided about a role without any data yet, never a finding', async () => {
  using rig = await served([]);
  const report = await check(rig, 0);
  expect(report).toMatchObject({ verdict: 'stable', data_bugs: [], total: 1 });
  for (const role of ['prediction', 'label'])
    expect(ofRole(report, role)).toMatchObject([
      { verdict: 'undecided', detail: 'no predictions have been logged yet' },
    ]);
});

it.each(['prediction_drift', 'target_drift'])('lets the trigger %s start a training', async (trigger) => {
  using rig = await served(logRows({ days: 14, moved: () => 1.5 }));
  rig.write({
    'pipelines/watched.yaml': PIPELINE.replace(/when: .*\n/, `when: { ${trigger}: true }\n`),
  });
  const decided = await rig.json(0, 'retrain', 'watched', '--now', dayOf(14), '--dry-run');
  expect(decided).toMatchObject({ decision: 'retrain', because: { condition: trigger, state: 'fired' } });
});

it('takes labels and predictions that are as in the same weeks of the year before for a season', async () => {
  const year = logRows({ days: 14, from: -364, seed: 7, moved: () => 1.5 });
  const now = logRows({ days: 14, moved: () => 1.5 });
  using rig = await served([...year, ...now]);
  const report = await check(rig, 0);
  for (const role of ['prediction', 'label'])
    expect(ofRole(report, role)).toMatchObject([
      { verdict: 'stable', detail: expect.stringContaining('as in the same weeks a year before, 2025-01-0') },
    ]);
  rig.write({ 'pipelines/watched.yaml': PIPELINE.replace(/when: .*\n/, 'when: { target_drift: true }\n') });
  const { because } = await rig.json(0, 'retrain', 'watched', '--now', dayOf(14), '--dry-run');
  expect(because.detail).toContain('label as in the same weeks of an earlier year, 2025-01-0');
});
