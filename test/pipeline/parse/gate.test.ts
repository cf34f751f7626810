import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { WorkspacePath } from '../../../src/domain/ids.js';
import { KNOWN_DIRECTIONS } from '../../../src/domain/models/metric-direction.js';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';

const parseRule = (rule: string) =>
  parsePipeline(
    'pipelines/p.yaml' as WorkspacePath,
    `pipeline: p
steps:
  train: { run: "true", inputs: [], outputs: [m.txt] }
model:
  path: m.txt
  evaluate: { run: "echo \${{ evaluation.path }}", inputs: [] }
  gate:
    - ${rule}
`,
  );

const directionOf = (rule: string): string => {
  const { pipeline, diagnostics } = parseRule(rule);
  const [check] = pipeline?.model?.gate ?? [];
  if (check?.kind !== 'metric') throw new Error(JSON.stringify(diagnostics));
  return check.direction;
};

it.each([
  ['auc', 'higher'],
  ['accuracy', 'higher'],
  ['log_loss', 'lower'],
  ['log-loss', 'lower'],
  ['val/loss', 'lower'],
  ['val_mae', 'lower'],
  ['test-rmse', 'lower'],
  ['RMSE', 'lower'],
  ['mae@7d', 'lower'],
  ['recall@10', 'higher'],
  ['error_rate', 'lower'],
  ['neg_mean_squared_error', 'higher'],
  ['val_neg_log_loss', 'higher'],
  ['eval.auc', 'higher'],
])('knows of %s that %s is better', (metric, direction) => {
  expect(directionOf(`{ metric: ${metric}, against: champion, max_regression: 0.5 }`)).toBe(direction);
});

it.each(['words', 'terror', 'lossless', 'neg_words', 'loss_ratio', 'accuracy_gap'])(
  'asks for the direction of %s where it is compared',
  (metric) => {
    const { diagnostics } = parseRule(`{ metric: ${metric}, against: champion, max_regression: 0.5 }`);
    expect(diagnostics).toMatchObject([
      { code: 'missing-key', severity: 'error', suggestion: 'add direction: higher, or direction: lower' },
    ]);
    expect(parseRule(`{ metric: ${metric}, min: 0.5 }`).diagnostics).toEqual([]);
  },
);

it('knows exactly the metrics that the documentation lists', () => {
  const page = readFileSync('docs/gate-and-publishing.md', 'utf8');
  const listed = ['higher', 'lower'].flatMap((direction) => {
    const [, names = ''] = new RegExp(`^${direction} is better: ([^.]*)\\.$`, 'im').exec(page) ?? [];
    return [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, direction]);
  });
  expect(listed).toEqual([...KNOWN_DIRECTIONS]);
});

it('takes the direction of an unknown metric from its limit', () => {
  expect(directionOf('{ metric: words, min: 0.5 }')).toBe('higher');
  expect(directionOf('{ metric: words, max: 0.5 }')).toBe('lower');
});

it.each([
  ['mae', 'higher'],
  ['mae', 'lower'],
  ['auc', 'higher'],
  ['auc', 'lower'],
])('takes %s in the direction that the rule declares: %s', (metric, direction) => {
  expect(directionOf(`{ metric: ${metric}, min: 0.5, direction: ${direction} }`)).toBe(direction);
});
