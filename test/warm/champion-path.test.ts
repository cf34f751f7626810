import { expect, it } from 'vitest';
import type { Document } from '../support/rig.js';
import { after, clicks, pipeline, retrainAfter } from './clicks.js';

const reasonsOf = (plan: Document): readonly string[] =>
  plan.steps.flatMap((step: Document) => step.reasons.map((one: Document) => `${one.code} ${one.detail}`));

it('is fresh under the same champion and stale by design under a new one, and retrain trains on no data twice', async () => {
  using rig = clicks();
  await retrainAfter(rig, ['01', '02']);
  const now = ['--now', after('02')];
  // the promotion of version 2 has made it the champion
  const plan = await rig.json(0, 'plan', 'clicks', ...now);
  expect(reasonsOf(plan)).toEqual(['champion-changed champion']);
  const status = await rig.json(0, 'status', 'clicks', ...now);
  expect(status.pipelines[0].state).toBe('fresh');
  expect(status.pipelines[0].stale_steps).toEqual([]);
  const forced = await rig.json(0, 'retrain', 'clicks', '--force', ...now);
  expect([forced.outcome, forced.model_version]).toEqual(['nothing-new', 'clicks@2']);
  expect(forced.run.steps[0].status).toBe('skipped');

  const trained = await rig.json(0, 'run', 'clicks', ...now);
  expect([trained.run.steps[0].status, trained.model_version]).toEqual(['succeeded', 'clicks@3']);
  expect(reasonsOf(await rig.json(0, 'plan', 'clicks', ...now))).toEqual([]);
  const again = await rig.json(0, 'run', 'clicks', ...now);
  expect([again.run.steps[0].status, again.model_version]).toEqual(['skipped', 'clicks@3']);
  // the file in the workspace is that of version 3 now
  const nothing = await rig.json(0, 'retrain', 'clicks', '--force', ...now);
  expect([nothing.outcome, nothing.model_version]).toEqual(['nothing-new', 'clicks@2']);
});

it('names a version, and refuses one that is not there', async () => {
  using rig = clicks();
  await retrainAfter(rig, ['01', '02']);
  const one = JSON.parse(rig.read('work/model.json')).seen;
  const train = (n: number) =>
    `node train.js \${{ versions[${n}].path }} \${{ outputs.model }} work/metrics.json 2 \${{ datasets.clicks }}`;
  rig.write({ 'pipelines/clicks.yaml': pipeline({ train: train(1) }) });
  await rig.json(0, 'run', 'clicks', '--now', after('02'));
  expect(JSON.parse(rig.read('work/model.json')).seen).toBe(one);
  expect((await rig.json(0, 'why', 'clicks@3')).ancestry.map((g: Document) => g.version)).toEqual([3, 1]);
  rig.write({ 'pipelines/clicks.yaml': pipeline({ train: train(9) }) });
  const refused = await rig.refit('run', 'clicks', '--now', after('02'));
  expect(refused.exit).not.toBe(0);
  expect(refused.stderr).toContain('clicks@9');
});

it('taints a run whose step writes to the model that it started from, and puts nothing of it into the store', async () => {
  using rig = clicks();
  await retrainAfter(rig, ['01']);
  const was = rig.read('work/model.json');
  const train = `chmod u+w $(dirname \${{ champion.path }}) \${{ champion.path }}; echo {} > \${{ champion.path }}; echo "{}" > work/metrics.json; cp data/2026-02.csv \${{ outputs.model }}`;
  rig.write({ 'pipelines/clicks.yaml': pipeline({ train }) });
  const ran = await rig.json(1, 'run', 'clicks', '--now', after('02'));
  expect(ran.run.tainted).toBe(true);
  const verified = await rig.json(0, 'verify');
  expect(verified.problems ?? []).toEqual([]);
  await rig.refit('rollback', 'clicks', '--to', '1', '--reason', 'x');
  rig.write({ 'pipelines/clicks.yaml': pipeline() });
  expect((await rig.json(0, 'reproduce', 'clicks@1')).verdict).toBe('same');
  expect(was).not.toBe('');
  // what was put in place is gone after the run
  expect(rig.files('.refit/parents')).toEqual([]);
});

it('hands a folder over as a folder', async () => {
  using rig = clicks();
  const yaml = pipeline({
    train:
      'mkdir -p work/net; ls ${{ champion.path }} > work/listing.txt || true; echo "${#PWD}" > work/net/a.txt; date +%N > work/net/b.txt; echo "{}" > work/metrics.json',
  })
    .replaceAll('work/model.json', 'work/net')
    .replace(
      'node evaluate.js ${{ model.path }} ${{ evaluation.path }} test.csv',
      `echo '{"logloss":0.1}' > \${{ evaluation.path }}`,
    )
    .replace('"echo', "'echo")
    .replace('evaluation.path }}",', "evaluation.path }}',")
    .replace(`'{"logloss":0.1}'`, `"{\\"logloss\\":0.1}"`);
  rig.write({ 'pipelines/clicks.yaml': yaml });
  await rig.json(0, 'retrain', 'clicks', '--now', after('01'));
  await rig.json(0, 'retrain', 'clicks', '--now', after('02'));
  expect(rig.read('work/listing.txt')).toBe('a.txt\nb.txt\n');
});

it('refuses the value where there is no model, where it has no meaning, and where nothing serves a purpose', async () => {
  using rig = clicks();
  const faults = async (text: string): Promise<readonly string[]> => {
    rig.write({ 'pipelines/clicks.yaml': text });
    const { files } = await rig.json(2, 'validate', 'clicks');
    return files[0].diagnostics.map((one: Document) => `${one.message}: ${one.suggestion ?? ''}`);
  };
  const bare = pipeline()
    .replace(/^model:[\s\S]*?(?=retrain:)/m, '')
    .replace(/^retrain:.*$/m, '');
  expect(await faults(bare)).toEqual([expect.stringContaining('the pipeline has no "model" section')]);
  expect(await faults(pipeline().replace('champion.path', 'champoin.path'))).toEqual([
    expect.stringContaining('champion.path'),
  ]);
  expect(await faults(pipeline().replace('model.path }} ${{ eval', 'champion.path }} ${{ eval'))).toEqual([
    expect.stringContaining('cannot be used here'),
  ]);
  const cold = { train: 'node train.js "" ${{ outputs.model }} work/metrics.json 2 ${{ datasets.clicks }}' };
  expect(
    await faults(
      pipeline({
        ...cold,
        gate: '{ metric: logloss, against: scratch, max_regression: 1 }',
        retrain: 'when: weekly, full_every: 30d, full_when: drift',
      }),
    ),
  ).toEqual([
    expect.stringContaining('"logloss" against scratch has no effect'),
    expect.stringContaining('"full_every" has no effect'),
    expect.stringContaining('"full_when" needs a check of data drift'),
    expect.stringContaining('"full_when" has no effect'),
  ]);
});
