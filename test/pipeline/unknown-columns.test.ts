import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig, type Document } from '../support/rig.js';

const rows = (from: number, days: number, columns = 'ts,temp,kiosk'): string =>
  `${columns}\n${Array.from({ length: days * 24 }, (_, i) => {
    const at = new Date(Date.parse('2026-03-01') + (from * 24 + i) * 3_600_000).toISOString();
    return `${at},${15 + ((i * 7) % 24) / 4},${'nsw'[i % 3]}\n`;
  }).join('')}`;

const FILES = { 'a.csv': rows(0, 10), 'b.csv': rows(10, 5) };
const ask = (...more: readonly string[]) => ['check-drift', '--reference', 'a.csv', '--current', 'b.csv', ...more];

const unknown = (found: readonly Document[]) =>
  found.filter(({ code }) => code === 'unknown-column').map(({ column, detail }) => ({ column, detail }));

it('refuses a --time that no table has, and names the column that was meant', async () => {
  using rig = createRig(FILES);
  const { exit, stderr } = await rig.refit(...ask('--time', 'tts'));
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('did you mean "ts"? write --time ts') });
  await rig.json(0, ...ask('--time', 'ts'));
});

it('warns where only one table has the column of --time', async () => {
  using rig = createRig({ ...FILES, 'b.csv': rows(10, 5, 'at,temp,kiosk') });
  const { warnings } = await rig.json(0, ...ask('--time', 'ts', '--exit-zero'));
  expect(unknown(warnings)).toEqual([
    { column: 'ts', detail: expect.stringContaining('the current files do not have it') },
  ]);
});

it('warns of other names that no table has', async () => {
  using rig = createRig(FILES);
  const { warnings } = await rig.json(
    0,
    ...ask('--time', 'ts', '--ignore', 'temprature', '--segment', 'kiosks', '--method', 'tmp=psi', '--label', 'truth'),
  );
  expect(unknown(warnings)).toEqual([
    { column: 'temprature', detail: expect.stringContaining('--ignore names it') },
    { column: 'kiosks', detail: expect.stringContaining('did you mean "kiosk"?') },
    { column: 'tmp', detail: expect.stringContaining('did you mean "temp"?') },
    { column: 'truth', detail: expect.stringContaining('--label names it') },
  ]);
  const { datasets } = await rig.json(0, 'check-data', 'a.csv', '--ignore', 'kisok');
  expect(unknown(datasets[0].problems)).toEqual([
    { column: 'kisok', detail: expect.stringContaining('did you mean "kiosk"?') },
  ]);
});

const PIPELINE = (time: string): string => `pipeline: p
datasets: { sales: { path: "data/*.csv", time: ${time} } }
steps:
  copy: { run: "cat \${{ datasets.sales }} > rows.csv", inputs: ["\${{ datasets.sales }}"], outputs: [rows.csv] }
monitor:
  reference: rows.csv
  current: { dataset: sales, window: 5d }
  ignore: [temprature]
  segments: [kiosks]
  method: { tmp: psi }
`;

it('warns of names in the pipeline file, and refuses options that are for files', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE('ts'),
    'data/a.csv': FILES['a.csv'],
    'data/b.csv': FILES['b.csv'],
  });
  await rig.json(0, 'run', 'p', '--now', '2026-03-11');
  const { warnings } = await rig.json(0, 'check-drift', 'p', '--now', '2026-03-16', '--exit-zero');
  expect(unknown(warnings).map(({ detail }) => String(detail).split(',')[0])).toEqual([
    'monitor.ignore names it',
    'monitor.segments names it',
    'monitor.method names it',
  ]);
  const refused = await rig.refit('check-drift', 'p', '--ignore', 'temp');
  expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining('monitor.ignore') });
});

it('names the key of a time column that the rows do not have, and the columns that they have', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE('tts'),
    'data/a.csv': FILES['a.csv'],
    'data/b.csv': FILES['b.csv'],
  });
  for (const command of ['check-data', 'run']) {
    const { exit, stderr } = await rig.refit(command, 'p', '--now', '2026-03-11');
    expect({ command, exit, stderr }).toEqual({
      command,
      exit: expect.any(Number),
      stderr: expect.stringContaining('error column-missing'),
    });
    expect(stderr).toContain('datasets.sales.time');
    expect(stderr).toContain('did you mean "ts"? write datasets.sales.time: ts; there are: ts, temp, kiosk');
  }
});

const log = logRows({ days: 20 });
const FORM = ['--time', 'at', '--prediction', 'score', '--label', 'late'];
const replaced = (option: string, name: string): readonly string[] =>
  FORM.map((word, i) => (FORM[i - 1] === option ? name : word));

it('knows the names in JSON lines, as it knows the header of a CSV file', async () => {
  using rig = createRig({ 'log.jsonl': jsonLines(log, true) });
  for (const [option, name, meant] of [
    ['--time', 'att', 'at'],
    ['--prediction', 'scores', 'score'],
  ] as const) {
    const { exit, stderr } = await rig.refit('check-performance', 'log.jsonl', ...replaced(option, name));
    const line = `did you mean "${meant}"? write ${option} ${meant}`;
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining(line) });
  }
  const { problems } = await rig.json(0, 'check-performance', 'log.jsonl', ...FORM, '--segment', 'sites');
  expect(unknown(problems)).toEqual([{ column: 'sites', detail: expect.stringContaining('did you mean "site"?') }]);
  const label = await rig.json(0, 'check-performance', 'log.jsonl', ...replaced('--label', 'latee'));
  expect(unknown(label.problems)).toEqual([
    { column: 'latee', detail: expect.stringContaining('did you mean "late"?') },
  ]);
});

it('names the option of a column in a workspace too, and no command', async () => {
  using rig = createRig({
    ...watchedFiles(),
    'log.jsonl': jsonLines(log),
    'truth.csv': `id,orders\n${labelLines(log)}`,
  });
  const columns = ['--time', 'at', '--prediction', 'score', '--key', 'id', '--labels', 'truth.csv', '--label', 'order'];
  const { stderr } = await rig.refit('check-performance', 'log.jsonl', ...columns);
  expect(stderr).toContain('did you mean "orders"? write --label orders');
  expect(stderr).not.toContain('refit check-performance orders');
});

it('tells a pipeline which key names a column that its log does not have', async () => {
  using rig = createRig(watchedFiles(WATCHED.replace('key: id, prediction', 'key: idd, prediction')));
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  rig.write({ 'logs/a.jsonl': jsonLines(log), 'labels/a.csv': `id,label\n${labelLines(log)}` });
  const { exit, stderr } = await rig.refit('check-performance', 'watched', '--now', dayOf(20));
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('write monitor.predictions.key: id') });
});
