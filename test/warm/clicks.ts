import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRig, type Rig } from '../support/rig.js';

const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/warm/${name}`, import.meta.url)), 'utf8');

export const MONTHS = ['01', '02', '03', '04', '05', '06'] as const;

/** Rows of one month: the label follows from three numbers, and `drift` turns what the first of them means. */
export function month(name: string, { perDay = 12, drift = 0 } = {}): string {
  let state = 7919 * Number(name) + 1;
  const random = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const normal = (): number => random() + random() + random() + random() - 2;
  const lines = ['at,x1,x2,x3,label'];
  for (let day = 1; day <= 28; day++)
    for (let i = 0; i < perDay; i++) {
      const [a, b, c] = [normal(), normal(), normal()];
      const z = 1.5 * ((1.6 - drift) * a - 1.1 * b + 0.5 * c + 0.3);
      const label = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
      const at = `2026-${name}-${String(day).padStart(2, '0')}T${String(i).padStart(2, '0')}:00:00Z`;
      lines.push([at, ...[a, b, c].map((value) => value.toFixed(3)), label].join(','));
    }
  return `${lines.join('\n')}\n`;
}

export const data = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [`data/2026-${name}.csv`, month(name)]));

interface Wanted {
  readonly gate?: string;
  readonly retrain?: string;
  readonly train?: string;
  readonly more?: string;
}

export const pipeline = ({
  gate = '{ metric: logloss, max: 0.9 }',
  retrain = 'when: { new_data: { dataset: clicks, rows: 1 } }',
  train = 'node train.js ${{ champion.path }} ${{ outputs.model }} work/metrics.json 2 ${{ datasets.clicks }}',
  more = '',
}: Wanted = {}): string => `pipeline: clicks
datasets: { clicks: { path: "data/*.csv", time: at } }
steps:
  train:
    role: train
    run: '${train}'
    inputs: [train.js, "\${{ datasets.clicks }}"]
    outputs: { model: work/model.json }
    metrics: work/metrics.json
model:
  path: work/model.json
  evaluate: { run: "node evaluate.js \${{ model.path }} \${{ evaluation.path }} test.csv", inputs: [evaluate.js, test.csv] }
  gate:
    - ${gate}
retrain: { ${retrain} }
${more}`;

/** A workspace with six months of data; each training reads those before its `--now`. */
export const clicks = (wanted: Wanted = {}, files: Readonly<Record<string, string>> = data(MONTHS)): Rig =>
  createRig({
    'pipelines/clicks.yaml': pipeline(wanted),
    'train.js': fixture('train.js'),
    'evaluate.js': fixture('evaluate.js'),
    'test.csv': month('07'),
    ...files,
  });

/** The first moment after a month. */
export const after = (name: string): string => `2026-${String(Number(name) + 1).padStart(2, '0')}-01`;

/** One retrain after each of these months. */
export async function retrainAfter(rig: Rig, names: readonly string[]) {
  const reports = [];
  for (const name of names) reports.push(await rig.json(0, 'retrain', 'clicks', '--now', after(name)));
  return reports;
}
