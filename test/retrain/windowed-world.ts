import { seededRandom } from '../../src/statistics/random.js';
import { createRig, type Rig } from '../support/rig.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-05');

/** The date of a day of the world, from 0. */
export const dayOf = (day: number): string => new Date(START + day * DAY_MS).toISOString().slice(0, 10);

/** Days from one stored time to another. */
export const daysBetween = (from: string, until: string): number => (Date.parse(until) - Date.parse(from)) / DAY_MS;

const KINDS = 40;
const ROWS_A_DAY = 60;

interface Row {
  readonly day: number;
  /** Between 0 and 1, the same for each kind in every world. */
  readonly trait: number;
  readonly uniform: () => number;
}

/** How a world makes rows: its inputs `x` and `z` on a day, and how far the effect of a kind is turned round, 0 to 1. */
export interface World {
  readonly days: number;
  readonly x?: (row: Row) => number;
  readonly z?: (row: Row) => number;
  readonly turned?: (row: Row) => number;
}

/** Rows of many kinds, each with an effect of its own on `y`, so that a trainer needs many rows and those of its own world. */
function worldCsv({ days, x, z, turned }: World, seed = 11): string {
  const uniform = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const traits = Array.from({ length: KINDS }, () => uniform());
  const lines = Array.from({ length: days * ROWS_A_DAY }, (_, i) => {
    const day = Math.floor(i / ROWS_A_DAY);
    const at = new Date(START + day * DAY_MS + (i % ROWS_A_DAY) * 1_440_000).toISOString().slice(0, 19);
    const kind = Math.floor(uniform() * KINDS);
    const row: Row = { day: i / ROWS_A_DAY, trait: traits[kind] ?? 0, uniform };
    const share = turned?.(row) ?? 0;
    const effect = 10 * ((1 - share) * row.trait + share * (1 - row.trait));
    const [a, b] = [x?.(row) ?? uniform(), z?.(row) ?? uniform()];
    return [at, `k${kind}`, a.toFixed(4), b.toFixed(4), (effect + 3 * normal()).toFixed(4)].join(',');
  });
  return `at,kind,x,z,y\n${lines.join('\n')}\n`;
}

/** Means of `y` by kind; tested on the last week, trained on all before it that it is handed. */
const STEPS = `import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const [what, ...args] = process.argv.slice(2);
const read = (file) => readFileSync(file, 'utf8').trim().split('\\n').slice(1).map((line) => line.split(','));
const write = (file, rows) => writeFileSync(file, ['at,kind,x,z,y', ...rows.map((row) => row.join(','))].join('\\n') + '\\n');
if (what === 'split') {
  const rows = args.slice(1).flatMap(read);
  const cut = Date.parse(args[0]) - 7 * 864e5;
  write('work/train.csv', rows.filter(([at]) => Date.parse(at + 'Z') < cut));
  write('work/test.csv', rows.filter(([at]) => Date.parse(at + 'Z') >= cut));
}
if (what === 'train') {
  const sums = {};
  for (const [, kind, , , y] of read('work/train.csv')) {
    sums[kind] ??= [0, 0];
    sums[kind][0] += Number(y);
    sums[kind][1] += 1;
  }
  writeFileSync('work/model.json', JSON.stringify(Object.fromEntries(Object.entries(sums).map(([kind, [sum, n]]) => [kind, (sum + 5) / (n + 1)]))));
}
if (what === 'evaluate') {
  const means = JSON.parse(readFileSync(args[0], 'utf8'));
  const rows = read('work/test.csv').map(([, kind, , , y]) => ({ label: Number(y), p: means[kind] ?? 5 }));
  const mae = rows.reduce((sum, one) => sum + Math.abs(one.label - one.p), 0) / rows.length;
  writeFileSync(join(dirname(args[1]), 'p.csv'), ['label,prediction', ...rows.map((one) => one.label + ',' + one.p)].join('\\n') + '\\n');
  writeFileSync(args[1], JSON.stringify({ mae, predictions: 'p.csv' }));
}`;

const pipeline = (window: string, when: string): string => `pipeline: turn
datasets: { rows: { path: "data/*.csv", time: at, window: ${window} } }
steps:
  split:
    run: node steps.mjs split \${{ now }} \${{ datasets.rows }}
    inputs: [steps.mjs, "\${{ datasets.rows }}"]
    outputs: [work/train.csv, work/test.csv]
  train:
    run: node steps.mjs train
    inputs: [steps.mjs, work/train.csv]
    outputs: [work/model.json]
model:
  path: work/model.json
  evaluate:
    run: node steps.mjs evaluate \${{ model.path }} \${{ evaluation.path }}
    inputs: [steps.mjs, work/test.csv]
  gate: [{ metric: mae, max: 100 }]
monitor:
  reference: work/train.csv
  current: { dataset: rows, window: 28d }
  predictions: { path: "logs/*.jsonl", time: at, prediction: p }
retrain:
  when: ${when}
`;

interface Windowed {
  readonly world: World;
  readonly window?: string;
  readonly when?: string;
}

export const AUTO = '{ auto: true, min: 14d, max: 112d }';

/** A workspace whose data has a history, and a small real trainer. */
export const windowedRig = ({
  world,
  window = AUTO,
  when = '{ any: [{ performance: { metric: mae, drop: 0.3, window: 7d } }, { data_drift: { share: 0.3, on: any } }, { max_age: 14d }] }',
}: Windowed): Rig =>
  createRig({
    'pipelines/turn.yaml': pipeline(window, when),
    'steps.mjs': STEPS,
    'data/all.csv': worldCsv(world),
    'work/.keep': '',
  });
