import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';
import { EVALUATE, ease, PIPELINE, source } from './scored-model.js';

const judging = (): Rig =>
  createRig({ 'pipelines/m.yaml': PIPELINE, 'evaluate.mjs': EVALUATE, ...ease(0), ...source(0.7) });

it('judges again at promotion when the test data has changed since the verdict', async () => {
  using rig = judging();
  expect((await rig.json(0, 'run', 'm')).gate.verdict).toBe('pass');
  rig.write(ease(-0.5));
  const refused = await rig.json(5, 'promote', 'm@1', '--reason', 'it passed once');
  expect(refused.gate.checks[0]).toMatchObject({ verdict: 'fail', observed: expect.closeTo(0.2) });
  rig.write(ease(0));
  const shown = async () => (await rig.json(0, 'models', 'm')).versions[0];
  // The scores are those that the verdict is about, not those of another test set.
  expect(await shown()).toMatchObject({ gate: 'fail', metrics: { auc: expect.closeTo(0.2) } });
  await rig.json(0, 'promote', 'm@1', '--reason', 'the test data was wrong');
  expect(await shown()).toMatchObject({ gate: 'pass', metrics: { auc: 0.7 } });
});

it('judges again at promotion when another champion serves since the verdict', async () => {
  using rig = judging();
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  rig.write(source(0.71));
  expect((await rig.json(0, 'run', 'm')).gate.verdict).toBe('pass');
  rig.write(source(0.8));
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@3', '--reason', 'much better');
  // m@2 beat m@1; nobody has compared it with m@3
  const refused = await rig.json(5, 'promote', 'm@2', '--reason', 'it passed once');
  expect(refused.gate.checks[1]).toMatchObject({ verdict: 'fail', observed: expect.closeTo(-0.09) });
  // once the champion is again the one of the verdict, the verdict stands again
  await rig.json(0, 'rollback', 'm', '--reason', 'm@3 was too slow');
  await rig.json(0, 'promote', 'm@2', '--reason', 'it beats m@1');
});

it('judges a version again when the same bytes come back and the gate has changed', async () => {
  using rig = judging();
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  rig.write(source(0.71));
  expect((await rig.json(0, 'run', 'm', '--now', '2026-01-02')).gate.verdict).toBe('pass');
  rig.write({ 'pipelines/m.yaml': PIPELINE.replace('auc >= 0.6', 'auc >= 0.9') });
  const strict = await rig.json(5, 'retrain', 'm', '--now', '2026-01-03', '--force');
  expect(strict).toMatchObject({ outcome: 'gate-refused', model_version: 'm@2', promotion: null });
  rig.write({ 'pipelines/m.yaml': PIPELINE });
  const mild = await rig.json(0, 'retrain', 'm', '--now', '2026-01-04', '--force');
  expect(mild).toMatchObject({ outcome: 'published', model_version: 'm@2', promotion: { from: 1, to: 2 } });
});

it('reports that there is nothing new and registers no version when the result is the champion', async () => {
  using rig = judging();
  await rig.json(0, 'retrain', 'm', '--now', '2026-01-01');
  const again = await rig.json(0, 'retrain', 'm', '--now', '2026-01-02', '--force');
  expect(again).toMatchObject({ outcome: 'nothing-new', model_version: 'm@1', promotion: null });
  expect((await rig.refit('retrain', 'm', '--now', '2026-01-03', '--force')).stdout).toContain(
    'nothing new to train on',
  );
  expect((await rig.json(0, 'models', 'm')).versions).toHaveLength(1);
});

it('goes further back with every rollback, never to a version that was rolled back', async () => {
  using rig = judging();
  for (const [i, auc] of [0.7, 0.71, 0.72].entries()) {
    rig.write(source(auc));
    await rig.json(0, 'run', 'm');
    await rig.json(0, 'promote', `m@${i + 1}`, '--reason', 'better');
  }
  expect((await rig.json(0, 'rollback', 'm', '--reason', 'bad')).promotion).toMatchObject({ from: 3, to: 2 });
  expect((await rig.json(0, 'rollback', 'm', '--reason', 'bad too')).promotion).toMatchObject({ from: 2, to: 1 });
  expect((await rig.refit('rollback', 'm', '--reason', 'nothing left')).exit).toBe(2);
  expect((await rig.json(0, 'rollback', 'm', '--to', '3', '--reason', 'it was not')).promotion.to).toBe(3);
});

it('refuses a gate that compares with the champion without an evaluate, and keys without effect', async () => {
  using rig = judging();
  rig.write({
    'pipelines/n.yaml': `pipeline: n
steps:
  train: { run: cp source.json n.json, inputs: [source.json], outputs: [n.json] }
model:
  path: n.json
  gate: [{ metric: auc, against: champion, max_regression: 0.1 }, { metric: auc, min: 0.5, confidence: 0.9, min_count: 3 }]
`,
  });
  const { files } = await rig.json(2, 'validate', 'n');
  expect(files[0].diagnostics.map((one: { code: string }) => one.code)).toEqual([
    'missing-key',
    'no-effect',
    'no-effect',
  ]);
});

it('refuses dates that do not exist', async () => {
  using rig = judging();
  for (const now of ['2026-02-31', '2025-02-29T03:00', '2026-13-01'])
    expect((await rig.refit('plan', 'm', '--now', now)).exit).toBe(2);
  expect((await rig.refit('plan', 'm', '--now', '2024-02-29')).exit).toBe(0);
});
