import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, type World, watchedFiles } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** The step says which window it was given: the time of the change. */
const PIPELINE = WATCHED.replace(
  'train: { run: cp source.txt model.txt, inputs: [source.txt], outputs: [model.txt] }',
  `train: { run: "printf 'since %s' \${{ trigger.since }} > model.txt", inputs: [source.txt], outputs: [model.txt] }`,
);

async function logged(world: World): Promise<Rig> {
  const rig = createRig(watchedFiles(PIPELINE));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const rows = logRows(world);
  rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
  return rig;
}

it('retrains a model that got worse, on the data since then', async () => {
  using rig = await logged({ days: 50, lost: (day) => (day >= 38 ? 0.4 : 0) });
  const quiet = await rig.json(0, 'retrain', 'watched', '--now', dayOf(36));
  expect(quiet).toMatchObject({
    decision: 'wait',
    because: { of: [{ condition: 'performance', state: 'not-fired' }] },
  });
  expect(quiet.because.of[0].measured).toBeLessThan(quiet.because.of[0].threshold);
  const document = await rig.json(0, 'retrain', 'watched', '--now', dayOf(47));
  expect(document).toMatchObject({
    decision: 'retrain',
    because: { of: [{ condition: 'performance', state: 'fired' }] },
  });
  const [fired] = document.because.of;
  expect(fired.measured).toBeGreaterThan(fired.threshold);
  expect(Math.abs(Date.parse(fired.since) - Date.parse(dayOf(38)))).toBeLessThan(86_400_000);
  expect(document.run.trigger).toMatchObject({ kind: 'performance', since: fired.since });
  expect(rig.read('model.txt')).toBe(`since ${fired.since}`);
  expect((await rig.json(0, 'why', document.id)).because.of[0].measured).toBe(fired.measured);
});

it('is undecided without predictions, and says so in the ledger', async () => {
  using rig = createRig(watchedFiles(PIPELINE));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const document = await rig.json(0, 'retrain', 'watched', '--now', dayOf(30));
  expect(document.because.of[0]).toMatchObject({
    condition: 'performance',
    state: 'undecided',
    detail: 'no prediction was logged in the window',
  });
});

it('is undecided for an unknown metric', async () => {
  using rig = createRig(watchedFiles(PIPELINE.replace('metric: auc, drop', 'metric: applause, drop')));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  rig.write({ 'logs/a.jsonl': jsonLines(logRows({ days: 9 })) });
  const document = await rig.json(0, 'retrain', 'watched', '--now', dayOf(9));
  expect(document.because.of[0]).toMatchObject({ state: 'undecided', detail: 'not-found: applause' });
});

it('what retraining has earned: champion, previous and first version, scored on the same data', async () => {
  using rig = createRig(watchedFiles());
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  expect((await rig.json(0, 'status', 'watched')).pipelines[0].earned).toHaveLength(1);
  for (const [source, day] of [
    ['second', 1],
    ['third', 2],
  ] as const) {
    const gate = logRows({ days: 7, from: day - 7, seed: day });
    rig.write({ 'source.txt': source });
    rig.write({
      'gate.csv': `id,label,prediction\n${gate.map(({ id, label, score }) => `${id},${label},${score}\n`).join('')}`,
    });
    await rig.json(0, 'retrain', 'watched', '--force', '--now', dayOf(day));
  }
  const { earned, earned_verdicts: verdicts } = (await rig.json(0, 'status', 'watched')).pipelines[0];
  expect(earned.map(({ name, version }: Document) => [name, version])).toEqual([
    ['champion', 3],
    ['previous', 2],
    ['first', 1],
  ]);
  const hashes = rig.query('SELECT count(DISTINCT data_hash) AS n FROM evaluation WHERE version IN (1, 3)');
  expect(hashes[0].n).toBe(3);
  const { versions } = await rig.json(0, 'models', 'watched');
  expect(versions.map(({ comparable }: Document) => comparable)).toEqual([false, false, true]);
  expect(new Set(versions.map((one: Document) => one.data_hash)).size).toBe(3);
  const listed = (await rig.refit('models', 'watched')).stdout;
  expect(listed.match(/ \* /g)).toHaveLength(2);
  expect(listed).toContain('* on other test data than watched@3: these scores do not compare');
  const rows = jsonLines(logRows({ days: 9, from: 2 }));
  rig.write({ 'logs/a.jsonl': rows });
  const checked = await rig.json(0, 'check-performance', 'watched', '--now', dayOf(10));
  expect(checked.earned).toEqual(earned);
  expect(verdicts).toHaveLength(2);
  expect(checked.earned_verdicts).toEqual(verdicts);
  const { stdout } = await rig.refit('check-performance', 'watched', '--now', dayOf(10));
  for (const { detail } of verdicts) expect(stdout).toContain(detail);
  expect((await rig.refit('status', 'watched')).stdout).toContain('what retraining has earned');
});

it.each([
  ['stays as it is', 0, 'not-fired'],
  ['gets worse at once', 0.5, 'fired'],
] as const)(
  'a model that is trained every week is watched from its first week on: one that %s',
  async (_, lost, state) => {
    using rig = createRig(watchedFiles());
    const rows = logRows({ days: 36, lost: (day) => (day >= 28 ? lost : 0) });
    await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
    rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
    for (const day of [7, 14, 21, 28]) {
      rig.write({ 'source.txt': `trained on day ${day}` });
      await rig.json(0, 'retrain', 'watched', '--force', '--now', dayOf(day));
    }
    const { because } = await rig.json(0, 'retrain', 'watched', '--dry-run', '--now', dayOf(35));
    expect(because.of[0]).toMatchObject({ condition: 'performance', state });
    expect(rig.query('SELECT DISTINCT version FROM performance_check ORDER BY version')).toHaveLength(4);
  },
);
