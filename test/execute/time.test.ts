import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const READ_ALL = (datasets: string, more = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p
${more}datasets: { d: ${datasets} }
steps:
  a:
    run: echo $REFIT_STEP >> ran.txt; cat \${{ datasets.d }} > seen.txt; echo \${{ datasets.d }} > files.txt
    inputs: ["\${{ datasets.d }}"]
    outputs: [seen.txt, files.txt]
`,
});

const DAYS = (from: number, to: number): string =>
  `at,x\n${Array.from({ length: to - from + 1 }, (_, i) => `2026-01-${String(from + i).padStart(2, '0')},${from + i}\n`).join('')}`;

const valuesIn = (text: string): readonly number[] =>
  text
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => Number(line.split(',').at(-1)));

it('hides rows at or after --now from a step: passes whole files, filtered copies, or nothing', async () => {
  using rig = createRig({
    ...READ_ALL('{ path: "data/*.csv", time: at }'),
    'data/1.csv': DAYS(1, 3),
    'data/2.csv': DAYS(4, 6),
    'data/3.csv': DAYS(7, 9),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-05');
  expect(valuesIn(rig.read('seen.txt'))).toEqual([1, 2, 3, 4]);
  const [first = '', copy = '', ...rest] = rig.read('files.txt').trim().split(' ');
  expect([first, rest]).toEqual(['data/1.csv', []]);
  expect(copy).not.toContain('data/');
  await rig.json(0, 'run', 'p', '--now', '2026-01-04');
  expect(rig.read('files.txt').trim()).toBe('data/1.csv');
  await rig.json(0, 'run', 'p');
  expect(valuesIn(rig.read('seen.txt'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('removes the filtered copies for --now when the run has ended', async () => {
  using rig = createRig({ ...READ_ALL('{ path: data, time: at }'), 'data/1.csv': DAYS(1, 3) });
  await rig.json(0, 'run', 'p', '--now', '2026-01-02');
  expect(valuesIn(rig.read('seen.txt'))).toEqual([1]);
  expect(rig.has(rig.read('files.txt').trim())).toBe(false);
  expect(rig.files('.refit/tmp')).toEqual([]);
});

it('makes a step stale when the cut by --now or the bytes of the source change', async () => {
  using rig = createRig({ ...READ_ALL('{ path: "data/*.csv", time: at }'), 'data/1.csv': DAYS(1, 9) });
  await rig.json(0, 'run', 'p', '--now', '2026-01-05');
  expect((await rig.json(0, 'run', 'p', '--now', '2026-01-05')).run.steps[0].status).toBe('skipped');
  expect((await rig.json(0, 'plan', 'p', '--now', '2026-01-06')).steps[0]).toMatchObject({
    action: 'run',
    reasons: [{ code: 'input-changed' }],
  });
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  rig.write({ 'data/1.csv': DAYS(1, 9).replace('2026-01-02,2', '2026-01-02,7') });
  expect((await rig.json(0, 'plan', 'p', '--now', '2026-01-05')).steps[0].reasons).toMatchObject([
    { code: 'input-changed', detail: 'data/1.csv' },
  ]);
});

it('keeps a step fresh when a file arrives that lies after --now', async () => {
  using rig = createRig({ ...READ_ALL('{ path: "data/*.csv", time: at }'), 'data/1.csv': DAYS(1, 3) });
  await rig.json(0, 'run', 'p', '--now', '2026-01-04');
  rig.write({ 'data/2.csv': DAYS(4, 9) });
  expect((await rig.json(0, 'plan', 'p', '--now', '2026-01-04')).steps[0].action).toBe('skip');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
});

it('cuts times of day at --now, with and without a zone', async () => {
  const rows = ['2026-01-01 10:00:00,1', '2026-01-01 11:59:59,2', '2026-01-01 12:00:00,3', '2026-01-01 12:00:01,4'];
  using rig = createRig({ ...READ_ALL('{ path: d.csv, time: at }'), 'd.csv': `at,x\n${rows.join('\n')}\n` });
  await rig.json(0, 'run', 'p', '--now', '2026-01-01T12:00:00Z');
  expect(valuesIn(rig.read('seen.txt'))).toEqual([1, 2]);
  await rig.json(0, 'run', 'p', '--now', '2026-01-01T14:00:01+02:00');
  expect(valuesIn(rig.read('seen.txt'))).toEqual([1, 2, 3]);
});

it('hides nothing of a dataset without event time, whenever its files were written, and says so', async () => {
  using rig = createRig({ ...READ_ALL('{ path: data }'), 'data/old.csv': 'x\n1\n', 'data/new.csv': 'x\n2\n' });
  for (const [path, day] of [
    ['data/old.csv', '2026-01-02T00:00:00Z'],
    ['data/new.csv', '2026-01-03T00:00:00Z'],
  ] as const)
    utimesSync(join(rig.root, path), new Date(day), new Date(day));
  for (const command of ['plan', 'run', 'check-data']) {
    const { exit, stderr } = await rig.refit(command, 'p', '--now', '2026-01-03');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining('--now hides no row of dataset "d"') });
    expect(stderr).toContain('datasets.d.time');
  }
  expect(rig.read('files.txt').trim()).toBe('data/new.csv data/old.csv');
  expect((await rig.refit('run', 'p')).stderr).not.toContain('time-undeclared');
});

it('reports an empty dataset and runs no step when --now lies before the first row', async () => {
  using rig = createRig({ ...READ_ALL('{ path: data, time: at }'), 'data/1.csv': DAYS(1, 3) });
  const ended = await rig.refit('run', 'p', '--now', '2025-12-01');
  expect([1, 4]).toContain(ended.exit);
  expect(ended.stderr).toContain('"d"');
  expect(rig.has('ran.txt')).toBe(false);
});

const CLOCK = (rounding: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p
${rounding}steps:
  uses: { run: "echo \${{ now }} > uses.txt", inputs: [], outputs: [uses.txt] }
  does_not: { run: date > not.txt, inputs: [], outputs: [not.txt] }
`,
});

const actions = (document: Document): readonly string[] => document.steps.map((one: Document) => one.action);

it('rounds now down to the hour, and counts it only where it is used', async () => {
  using rig = createRig(CLOCK(''));
  await rig.json(0, 'run', 'p', '--now', '2026-01-01T10:10:00Z');
  expect(rig.read('uses.txt').trim()).toMatch(/^2026-01-01T10:00:00(\.000)?Z$/);
  expect(actions(await rig.json(0, 'plan', 'p', '--now', '2026-01-01T10:59:59Z'))).toEqual(['skip', 'skip']);
  const later = await rig.json(0, 'plan', 'p', '--now', '2026-01-01T11:00:00Z');
  expect(actions(later)).toEqual(['run', 'skip']);
  expect(later.steps[0].reasons).toMatchObject([{ code: 'param-changed', detail: 'now' }]);
  expect(later.steps[0].reasons[0].before).toMatch(/T10:00:00/);
  expect(later.steps[0].reasons[0].after).toMatch(/T11:00:00/);
});

it('rounds now down to the day with "now: 1d"', async () => {
  using rig = createRig(CLOCK('now: 1d\n'));
  await rig.json(0, 'run', 'p', '--now', '2026-01-01T10:10:00Z');
  expect(rig.read('uses.txt').trim()).toMatch(/^2026-01-01T00:00:00(\.000)?Z$/);
  expect(actions(await rig.json(0, 'plan', 'p', '--now', '2026-01-01T23:59:59Z'))).toEqual(['skip', 'skip']);
  expect(actions(await rig.json(0, 'plan', 'p', '--now', '2026-01-02T00:00:00Z'))).toEqual(['run', 'skip']);
});

it('runs a step that uses run.id every time, and no other step because of it', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  uses: { run: "echo \${{ run.id }} > uses.txt", inputs: [], outputs: [uses.txt] }
  does_not: { run: echo $REFIT_RUN_ID > not.txt, inputs: [], outputs: [not.txt] }
`,
  });
  const { run } = await rig.json(0, 'run', 'p');
  expect(rig.read('uses.txt')).toBe(`${run.id}\n`);
  const again = await rig.json(0, 'run', 'p');
  expect(again.run.steps.map((one: Document) => [one.name, one.status]).sort()).toEqual([
    ['does_not', 'skipped'],
    ['uses', 'succeeded'],
  ]);
});

/** Forty rows a day; `power` bends the distance. */
function trips(from: string, days: number, power: number): string {
  const start = Date.parse(from);
  const lines = Array.from({ length: days * 40 }, (_, i) => {
    const at = new Date(start + Math.floor(i / 40) * 86_400_000 + (i % 40) * 1_800_000).toISOString().slice(0, 19);
    return `${at},${100 + Math.round(1000 * (((i * 7919) % 1000) / 1000) ** power)}`;
  });
  return `at,distance\n${lines.join('\n')}\n`;
}

it('fills trigger.since with the time of the change that caused the run, else leaves it empty, and counts it in the fingerprint where it is used', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets: { d: { path: "data/*.csv", time: at } }
steps:
  rows: { run: "cat \${{ datasets.d }} > rows.csv", inputs: ["\${{ datasets.d }}"], outputs: [rows.csv] }
  train: { run: "echo since=\${{ trigger.since }} >> since.txt; cp rows.csv model.csv", inputs: [rows.csv], outputs: [model.csv] }
  blind: { run: echo blind >> ran.txt, inputs: [], outputs: [] }
model: { path: model.csv, gate: [{ smoke: "true" }], first: accept }
monitor: { reference: rows.csv, current: { dataset: d, window: 7d } }
retrain: { when: { data_drift: { share: 0.3 } }, on_data_bug: ignore }
`,
    'data/1.csv': trips('2026-01-01', 20, 1),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-21');
  expect((await rig.json(0, 'retrain', 'p', '--now', '2026-01-21')).decision).toBe('retrain');
  expect(rig.read('since.txt')).toBe('since=\n');
  rig.write({ 'data/2.csv': trips('2026-01-21', 20, 3) });
  const drifted = await rig.json(0, 'retrain', 'p', '--now', '2026-02-10');
  expect(drifted.decision).toBe('retrain');
  const [, since = ''] = rig.read('since.txt').trim().split('\n');
  expect(since).toMatch(/^since=2026-0[12]-\d\dT/);
  expect(since.slice('since='.length) > '2026-01-20').toBe(true);
  expect(since.slice('since='.length) < '2026-02-10').toBe(true);
  const { steps } = await rig.json(0, 'plan', 'p', '--now', '2026-02-10');
  expect(steps.map((one: Document) => [one.name, one.action])).toEqual([
    ['rows', 'skip'],
    ['train', 'run'],
    ['blind', 'skip'],
  ]);
  expect(rig.read('ran.txt')).toBe('blind\n');
});

it('shows the start of each step, also when it is recorded after its end', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p\nsteps:\n${names.map((name) => `  ${name}: { run: "echo ${name}", inputs: [], outputs: [] }\n`).join('')}`,
  });
  const { run } = await rig.json(0, 'run', 'p', '--jobs', '1');
  const rows = rig.query(
    'SELECT e.started_at, a.started_at AS tried_at, e.finished_at FROM step_execution e JOIN attempt a ON a.execution = e.id',
  );
  expect(rows).toHaveLength(names.length);
  for (const row of rows) expect(row.started_at <= row.tried_at && row.tried_at <= row.finished_at).toBe(true);
  for (const step of run.steps) expect(step.duration_ms).toBeGreaterThanOrEqual(0);
});
