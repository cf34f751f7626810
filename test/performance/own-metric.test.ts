import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, type World, watchedFiles } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** What a wrong yes and a missed one cost, a row; each call leaves a mark. */
const COST = `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
const [head, ...rows] = readFileSync(process.env.REFIT_ROWS, 'utf8').trim().split('\\n').map((line) => line.split(','));
appendFileSync('calls.txt', rows[0][0].slice(0, 10) + ' ' + head.join(' ') + '\\n');
const [p, y] = [head.indexOf('prediction'), head.indexOf('label')];
const costs = rows.map((row) => (row[y] === '1' ? (row[p] < 0.5 ? 5 : 0) : row[p] >= 0.5 ? 1 : 0));
const mean = costs.reduce((sum, one) => sum + one, 0) / costs.length;
const sd = Math.sqrt(costs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / costs.length);
writeFileSync(process.env.REFIT_METRICS, JSON.stringify({ cost: mean, standard_error: sd / Math.sqrt(costs.length) }));
`;

const METRICS = `  segments: [site]
  metrics: { cost: { run: node cost.mjs, inputs: [cost.mjs], direction: lower } }
`;

const PIPELINE = WATCHED.replace('retrain:', `${METRICS}retrain:`).replace(
  'metric: auc, drop: 0.03',
  'metric: cost, drop: 0.1',
);

async function logged(world: World, pipeline = PIPELINE): Promise<Rig> {
  const rig = createRig({ ...watchedFiles(pipeline), 'cost.mjs': COST, 'calls.txt': '' });
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const rows = logRows(world);
  rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
  return rig;
}

const calls = (rig: Rig): readonly string[] => rig.read('calls.txt').trim().split('\n').filter(Boolean);

it('measures a metric of the pipeline by its command, window by window, each once, and judges it in its direction', async () => {
  using rig = await logged({ days: 50, lost: (day) => (day >= 38 ? 0.5 : 0) });
  const ask = (now: number, ...more: readonly string[]) =>
    ['check-performance', 'watched', '--metric', 'cost', '--window', '7d', '--now', dayOf(now), ...more] as const;
  const quiet = await rig.json(0, ...ask(36));
  expect(quiet).toMatchObject({ verdict: 'stable', metric: 'cost' });
  expect(quiet.windows.length).toBeGreaterThan(3);
  for (const { value, lower, upper } of [...quiet.windows, quiet.current]) {
    expect(lower).toBeLessThan(value);
    expect(upper).toBeGreaterThan(value);
  }
  const first = calls(rig);
  expect(first[0]).toMatch(/ time key prediction label site$/);
  const worse = await rig.json(3, ...ask(47));
  expect(worse).toMatchObject({ verdict: 'drift', change: { form: 'sudden' } });
  expect(worse.current.value).toBeGreaterThan(worse.reference);
  // windows that are known are not measured again; a changed command measures all of them anew
  expect(calls(rig).slice(first.length)).toHaveLength(2);
  rig.write({ 'cost.mjs': COST.replace('? 5 :', '? 6 :') });
  const before = calls(rig).length;
  await rig.json(3, ...ask(47));
  expect(calls(rig).length - before).toBe(worse.windows.length + 1);
});

it('fires the performance trigger, and leaves it undecided where the command fails, with the reason', async () => {
  using rig = await logged({ days: 50, lost: (day) => (day >= 38 ? 0.5 : 0) });
  const tick = (now: number, exit = 0): Promise<Document> => rig.json(exit, 'retrain', 'watched', '--now', dayOf(now));
  expect((await tick(36)).because.of[0]).toMatchObject({ condition: 'performance', state: 'not-fired' });
  expect(await tick(47)).toMatchObject({ decision: 'retrain', because: { of: [{ state: 'fired' }] } });
  rig.write({ 'cost.mjs': 'process.exit(3)' });
  expect((await tick(49)).because.of[0]).toMatchObject({
    state: 'undecided',
    detail: expect.stringContaining('step-exited'),
  });
  const failed = await rig.refit('check-performance', 'watched', '--metric', 'cost', '--now', dayOf(49));
  expect(failed).toMatchObject({ exit: 1, stderr: expect.stringContaining('metric cost') });
  rig.write({
    'cost.mjs': "require('node:fs').writeFileSync(process.env.REFIT_METRICS, '{\"costs\": 1}')".replace(
      'require',
      'process.getBuiltinModule',
    ),
  });
  const silent = await rig.refit('check-performance', 'watched', '--metric', 'cost', '--now', dayOf(49));
  expect(silent).toMatchObject({ exit: 1, stderr: expect.stringContaining('it holds no number "cost"') });
});

it('lists the metrics, its own among them', async () => {
  using rig = await logged({ days: 9 });
  const unknown = await rig.refit('check-performance', 'watched', '--metric', 'revenue', '--now', dayOf(9));
  expect(unknown).toMatchObject({ exit: 2, stderr: expect.stringContaining('cost, auc') });
  const near = await rig.refit('check-performance', 'watched', '--metric', 'costs');
  expect(near).toMatchObject({ exit: 2, stderr: expect.stringContaining('did you mean "cost"?') });
  rig.write({ 'pipelines/watched.yaml': PIPELINE.replace('direction: lower', 'direction: down') });
  expect((await rig.refit('validate')).stderr).toMatch(/watched\.yaml:\d+:\d+ error/);
});
