import { expect, it } from 'vitest';
import type { WorkspacePath } from '../../../src/domain/ids.js';
import { parsePipeline } from '../../../src/pipeline/parse/parse-pipeline.js';

const directionOf = (rule: string): string => {
  const { pipeline, diagnostics } = parsePipeline(
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
  const [check] = pipeline?.model?.gate ?? [];
  if (check?.kind !== 'metric') throw new Error(JSON.stringify(diagnostics));
  return check.direction;
};

it.each([
  ['auc', 'higher'],
  ['accuracy', 'higher'],
  ['log_loss', 'lower'],
  ['logloss', 'lower'],
  ['val_mae', 'lower'],
  ['RMSE', 'lower'],
  ['error_rate', 'lower'],
  // no whole word of the name means a loss
  ['terror', 'higher'],
  ['maerz', 'higher'],
])('takes %s for a metric of which %s is better', (metric, direction) => {
  expect(directionOf(`{ metric: ${metric}, min: 0.5 }`)).toBe(direction);
});

it.each([
  ['mae', 'higher'],
  ['mae', 'lower'],
  ['auc', 'higher'],
  ['auc', 'lower'],
])('takes %s in the direction that the rule declares: %s', (metric, direction) => {
  expect(directionOf(`{ metric: ${metric}, min: 0.5, direction: ${direction} }`)).toBe(direction);
});
