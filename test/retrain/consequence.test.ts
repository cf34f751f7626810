import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, type World, watchedFiles } from '../support/predictions.js';
import { createRig, type Rig } from '../support/rig.js';

const pipeline = (trigger: string): string =>
  WATCHED.replace('steps:\n', 'datasets: { rows: { path: "data/*.csv", time: at } }\nsteps:\n')
    .replace(
      'steps:\n',
      'steps:\n  copy: { run: "cat ${{ datasets.rows }} > rows.csv", inputs: ["${{ datasets.rows }}"], outputs: [rows.csv] }\n',
    )
    .replace('monitor:\n', 'monitor:\n  reference: rows.csv\n  current: { dataset: rows, window: 14d }\n')
    .replace(/when: .*\n/, `when: { any: [${trigger}, { performance: { metric: auc, drop: 0.03, window: 7d } }] }\n`);

/** The model's input; later on it has another law, which no unit explains. */
const inputs = (from: number, days: number, power: number): string =>
  `at,x\n${Array.from({ length: days * 40 }, (_, i) => `${dayOf(from + Math.floor(i / 40))},${(101 * (((i * 37) % 101) / 101) ** power).toFixed(2)}`).join('\n')}\n`;

/** Serves for five weeks; then the inputs have moved, and the predictions as `world` says. */
async function moved(trigger: string, world: Omit<World, 'days'>): Promise<Rig> {
  const rig = createRig({ ...watchedFiles(pipeline(trigger)), 'data/a.csv': inputs(-30, 30, 1) });
  await rig.json(0, 'retrain', 'watched', '--now', dayOf(0));
  const rows = logRows({ days: 42, ...world });
  rig.write({
    'data/b.csv': inputs(0, 42, 3),
    'logs/a.jsonl': jsonLines(rows),
    'labels/a.csv': `id,label\n${labelLines(rows)}`,
  });
  return rig;
}

it('only suggests when inputs drift while predictions and loss do not, and names what would train', async () => {
  using rig = await moved('{ data_drift: { share: 0.5 } }', {});
  const suggested = await rig.json(0, 'retrain', 'watched', '--now', dayOf(42));
  expect(suggested).toMatchObject({
    decision: 'suggest',
    run: null,
    because: {
      state: 'suggests',
      of: [
        { condition: 'data_drift', state: 'suggests', measured: 1, detail: expect.stringContaining('on: any') },
        { condition: 'performance', state: 'not-fired' },
      ],
    },
  });
  const status = await rig.refit('status', '--now', dayOf(42));
  expect(status.stdout).toContain('suggests data_drift (1 of 1 columns drifted: x');
  rig.write({ 'pipelines/watched.yaml': pipeline('{ data_drift: { share: 0.5, on: any } }') });
  expect(await rig.json(0, 'retrain', 'watched', '--now', dayOf(42), '--dry-run')).toMatchObject({
    decision: 'retrain',
  });
});

it('trains for drifted inputs when the predictions drift too', async () => {
  using rig = await moved('{ data_drift: { share: 0.5 } }', { moved: (day) => (day >= 28 ? 1.5 : 0) });
  const { because, decision } = await rig.json(0, 'retrain', 'watched', '--now', dayOf(42), '--dry-run');
  expect(decision).toBe('retrain');
  expect(because.of[0]).toMatchObject({
    state: 'fired',
    detail: expect.stringContaining('and the predictions moved (score)'),
  });
});

it('trains for drifted inputs when the measured loss has grown', async () => {
  using rig = await moved('{ data_drift: { share: 0.5 } }', { lost: (day) => (day >= 35 ? 0.4 : 0) });
  const { because, decision } = await rig.json(0, 'retrain', 'watched', '--now', dayOf(42), '--dry-run');
  expect(decision).toBe('retrain');
  expect(because.of).toMatchObject([
    { condition: 'data_drift', state: 'fired' },
    { condition: 'performance', state: 'fired' },
  ]);
});
