// A pipeline that trains on from its champion: the same trainer as in the tests, and rows of seven months.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './pages.js';

const script = (name) => readFileSync(join(PROJECT, 'test/fixtures/warm', name), 'utf8');

/** The label follows from three numbers, and what they mean wanders a little from month to month. */
function clicksOf(month, perDay = 20) {
  let state = 7919 * month + 1;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const normal = () => random() + random() + random() + random() - 2;
  const lines = ['at,x1,x2,x3,label'];
  for (let day = 1; day <= 28; day++)
    for (let i = 0; i < perDay; i++) {
      const x = [normal(), normal(), normal()];
      const z = 1.5 * ((1.6 - 0.25 * (month - 1)) * x[0] - 1.1 * x[1] + (0.5 + 0.2 * (month - 1)) * x[2] + 0.3);
      const label = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
      const at = new Date(Date.UTC(2026, month - 1, day) + (i * 86_400_000) / perDay).toISOString();
      lines.push([at, ...x.map((value) => value.toFixed(3)), label].join(','));
    }
  return `${lines.join('\n')}\n`;
}

const PIPELINE = `pipeline: clicks
datasets:
  clicks: { path: "data/*.csv", time: at }
steps:
  train:
    role: train
    run: node train.js \${{ champion.path }} \${{ outputs.model }} work/metrics.json 2 \${{ datasets.clicks }}
    inputs: [train.js]
    outputs: { model: work/model.json }
    metrics: work/metrics.json
model:
  path: work/model.json
  evaluate:
    run: node evaluate.js \${{ model.path }} \${{ evaluation.path }} test.csv
    inputs: [evaluate.js, test.csv]
  gate:
    - { metric: logloss, max: 0.7 }
    - { metric: logloss, against: [champion, scratch], max_regression: 0.02 }
retrain:
  when: { new_data: { dataset: clicks, rows: 500 } }
  full_every: 180d
`;

export const warmFiles = () => ({
  'pipelines/clicks.yaml': PIPELINE,
  'train.js': script('train.js'),
  'evaluate.js': script('evaluate.js'),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((month) => [`data/2026-0${month}.csv`, clicksOf(month)])),
  'test.csv': clicksOf(7),
});
