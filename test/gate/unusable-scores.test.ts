import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps:
  train: { run: cp in.txt p.model, inputs: [in.txt], outputs: [p.model] }
model:
  path: p.model
  evaluate: { run: "cp scores.json \${{ evaluation.path }}", inputs: [scores.json] }
  gate: [score >= 10]
retrain: { when: { max_age: 7d }, tick: 1d }
`;

it.each([
  ['{"score": 20, "auc": null, "f1": [1, 2], "loss": NaN}', 'auc is null, f1 is a list, loss is NaN'],
  ['{"score": 20, "state": "ready"}', 'state is the text "ready"'],
])('names what evaluate wrote that is no number: %s', async (scores, named) => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1\n', 'scores.json': scores });
  const line = `score 20; not scores: ${named}`;
  expect((await rig.refit('run', 'p')).stdout).toContain(`scored ${line}`);
  expect((await rig.refit('why', 'p@1')).stdout).toContain(line);
  expect((await rig.refit('retrain', 'p')).stdout).toContain(`scored p@1: ${line}`);
});

it('says that nothing was scored, and offers to serve no version that could not be judged', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1\n', 'scores.json': '{"score": null}' });
  expect((await rig.refit('run', 'p')).stdout).toContain('scored nothing; not scores: score is null');
  rig.write({ 'scores.json': '{"score": "20"}' });
  const refused = await rig.refit('run', 'p');
  expect([refused.exit, refused.stderr.includes('write the number without quotes: 20')]).toEqual([1, true]);
  expect(refused.stdout).not.toContain('to serve it');
});

it('says how a score is searched for', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1\n', 'scores.json': '{"score": 20}' });
  await rig.json(0, 'run', 'p');
  expect((await rig.refit('runs', 'p', '--where', 'score > 1')).stderr).toContain('metric.score');
  expect((await rig.json(0, 'runs', 'p', '--where', 'metric.score > 1')).runs).toHaveLength(1);
});

it('does not call a pipeline silent because of a call with a --now that was refused', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'in.txt': '1\n', 'scores.json': '{"score": 20}' });
  await rig.json(0, 'retrain', 'p', '--now', '2026-01-20');
  expect((await rig.refit('retrain', 'p', '--now', '2026-01-02')).exit).toBe(2);
  const [{ silent, last_tick }] = (await rig.json(0, 'status', 'p', '--now', '2026-01-20')).pipelines;
  expect([silent, last_tick.problem]).toEqual([false, null]);
});
