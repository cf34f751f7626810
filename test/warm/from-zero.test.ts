import { expect, it } from 'vitest';
import type { Document } from '../support/rig.js';
import { after, clicks, month, retrainAfter } from './clicks.js';

it('trains from zero when the last such training is long enough ago, and says so in the ledger', async () => {
  using rig = clicks({ retrain: 'full_every: 60d, when: { new_data: { dataset: clicks, rows: 1 } }' });
  const reports = await retrainAfter(rig, ['01', '02', '03', '04', '05']);
  // 1 February is the first; 1 April lies 59 days after it, 1 May 89; then 1 June 31 after that.
  expect(reports.map((one) => one.training.from)).toEqual(['zero', 'champion', 'champion', 'zero', 'champion']);
  expect(reports[3]?.training.because).toBe('the last training from zero was 89d ago');
  expect(reports[3]?.summary).toContain('; from zero: the last training from zero was 89d ago');
  expect((await rig.json(0, 'why', 'clicks@4')).ancestry).toEqual([]);
  expect((await rig.json(0, 'why', 'clicks@5')).ancestry.map((one: Document) => one.version)).toEqual([5, 4]);
  const { decisions } = await rig.json(0, 'decisions', 'clicks');
  expect(decisions[1].summary).toContain('from zero');
});

it('trains from zero where a person asks for it, and keeps that in the decision', async () => {
  using rig = clicks();
  await retrainAfter(rig, ['01', '02']);
  const asked = await rig.json(0, 'retrain', 'clicks', '--from-zero', '--now', after('03'));
  expect(asked.training).toEqual({ from: 'zero', because: '--from-zero' });
  expect((await rig.json(0, 'why', 'clicks@3')).ancestry).toEqual([]);
  const { decisions } = await rig.json(0, 'decisions', 'clicks');
  expect(decisions[0].summary).toMatch(/; from zero: --from-zero$/);
  const next = await rig.json(0, 'retrain', 'clicks', '--now', after('04'));
  expect(next.training).toMatchObject({ from: 'champion' });
});

it('says what changed, and not only the champion, where a model from zero was trained to compare with', async () => {
  using rig = clicks({ gate: '{ metric: logloss, max: 0.9, against: [champion, scratch], max_regression: 0.5 }' });
  const [, second] = await retrainAfter(rig, ['01', '02']);
  expect(second?.run.steps[0].reasons.map((one: Document) => one.code)).toContain('input-changed');
});

it('says that the training to compare with failed, in the decision too', async () => {
  using rig = clicks({
    gate: '{ metric: logloss, max: 0.9, against: [champion, scratch], max_regression: 0.5 }',
    train:
      'test -z "$(ls work/broken 2>/dev/null)" || test -n ${{ champion.path }}; node train.js ${{ champion.path }} ${{ outputs.model }} work/metrics.json 2 ${{ datasets.clicks }}',
  });
  await retrainAfter(rig, ['01']);
  rig.write({ 'work/broken': '' });
  const ended = await rig.refit('retrain', 'clicks', '--now', after('02'));
  expect(ended.stderr).toContain('the training from zero, to compare with, failed');
  const { decisions } = await rig.json(0, 'decisions', 'clicks');
  const why = await rig.json(0, 'why', decisions[0].id);
  expect(why.compared).toMatchObject({ from: 'zero', status: 'failed', run: expect.any(String), version: null });
  expect((await rig.refit('why', decisions[0].id)).stdout).toMatch(
    /compared +with a training from zero that failed, run /,
  );
});

it('trains from zero where the data drifts', async () => {
  const moved = (name: string): string =>
    month(name).replace(/(Z),(-?[\d.]+)/g, (_, z: string, x: string) => `${z},${(Number(x) + 2).toFixed(3)}`);
  using rig = clicks(
    {
      retrain: 'full_when: drift, on_unclear: train, when: { new_data: { dataset: clicks, rows: 1 } }',
      train:
        'node train.js ${{ champion.path }} ${{ outputs.model }} work/metrics.json 2 ${{ datasets.clicks }}; cat data/2026-01.csv > work/reference.csv',
      more: 'monitor: { reference: work/reference.csv, current: { dataset: clicks, window: 28d } }\n',
    },
    { 'data/2026-01.csv': month('01'), 'data/2026-02.csv': month('02'), 'data/2026-03.csv': moved('03') },
  );
  const yaml = rig.read('pipelines/clicks.yaml');
  rig.write({
    'pipelines/clicks.yaml': yaml.replace(
      'model: work/model.json }',
      'model: work/model.json, reference: work/reference.csv }',
    ),
  });
  const reports = await retrainAfter(rig, ['01', '02', '03']);
  expect(reports.map((one) => one.drift?.verdict)).toEqual(['undecided', 'stable', 'drift']);
  expect(reports.map((one) => one.training)).toEqual([
    { from: 'zero', because: 'no version serves yet' },
    { from: 'champion', because: 'clicks@1 serves' },
    { from: 'zero', because: 'the data drifts' },
  ]);
});

it('compares with a model from zero on the same data, and says which does better', async () => {
  using rig = clicks({ gate: '{ metric: logloss, max: 0.9, against: [champion, scratch], max_regression: 0.5 }' });
  const [first, second, third] = await retrainAfter(rig, ['01', '02', '03']);
  const checks = (one: Document | undefined): readonly string[] =>
    one?.gate.checks.map((check: Document) => `${check.verdict}: ${check.detail}`);
  expect(checks(first)[2]).toBe('not-applicable: the candidate was trained from zero itself');
  expect(first?.model_version).toBe('clicks@1');
  // Version 2 is the one from zero; the candidate comes after it, and its file is what lies in the workspace.
  expect(second?.model_version).toBe('clicks@3');
  expect(checks(second)[2]).toMatch(/^pass: candidate 0\.\d+, scratch 0\.\d+/);
  expect(third?.promotion).toMatchObject({ from: 3, to: 5 });
  expect(JSON.parse(rig.read('work/model.json')).seen).toBe(336 * (1 + 2 + 3));
  expect((await rig.json(0, 'why', 'clicks@4')).ancestry).toEqual([]);

  const scratch = (await rig.json(0, 'models', 'clicks')).versions.find((one: Document) => one.version === 4);
  const { pipelines } = await rig.json(0, 'status', 'clicks', '--now', after('03'));
  const { earned } = pipelines[0];
  const found = earned.find((one: Document) => one.name === 'scratch');
  expect(found.version).toBe(4);
  expect(found.metrics.logloss).toBeCloseTo(scratch.metrics?.logloss ?? found.metrics.logloss, 12);
  const { stdout } = await rig.refit('status', 'clicks', '--now', after('03'));
  expect(stdout).toMatch(/version 4, trained from zero on the same data, is (worse|better|as good)/);
});
