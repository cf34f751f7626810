import { expect, it } from 'vitest';
import { createShare } from '../support/remotes.js';
import { createRig, type Document } from '../support/rig.js';
import { after, clicks, MONTHS, retrainAfter } from './clicks.js';

const seen = (rig: ReturnType<typeof clicks>): number => JSON.parse(rig.read('work/model.json')).seen;

it('trains on from the champion over six months, explains six generations and repeats each byte for byte', async () => {
  using rig = clicks();
  const reports = await retrainAfter(rig, MONTHS);
  expect(reports.map((one) => one.outcome)).toEqual(MONTHS.map(() => 'published'));
  expect(reports.map((one) => one.training?.from)).toEqual(['zero', ...MONTHS.slice(1).map(() => 'champion')]);
  // The trainer adds up the rows of all its ancestors: 336 a month, and each training reads all months so far.
  expect(seen(rig)).toBe(336 * (1 + 2 + 3 + 4 + 5 + 6));

  const { ancestry, components, rebuild } = await rig.json(0, 'why', 'clicks');
  expect(ancestry.map((one: Document) => [one.version, one.parents, one.trained_at.slice(0, 10)])).toEqual(
    [...MONTHS.keys()].reverse().map((i) => [i + 1, i === 0 ? [] : [`clicks@${i}`], after(MONTHS[i] ?? '')]),
  );
  expect(ancestry.map((one: Document) => [one.data[0].rows, one.data[0].files.length, one.data[0].new_files])).toEqual(
    [6, 5, 4, 3, 2, 1].map((n) => [336 * n, n, 1]),
  );
  expect(components[0].code.map((one: Document) => one.path)).toEqual(['train.js']);
  expect(rebuild.possible).toBe(true);
  const { stdout } = await rig.refit('why', 'clicks@3');
  expect(stdout).toMatch(
    /clicks@3 .* clicks@2 .*clicks: 1008 rows in 3 files, 1 new\n.*clicks@2.*\n.*clicks@1 .* zero/,
  );
  expect((await rig.refit('why', 'clicks@1')).stdout).not.toContain('ancestry');
  expect((await rig.json(0, 'why', 'clicks@1')).ancestry).toEqual([]);

  // version 6 serves, and version 3 was trained on from version 2
  for (const version of [1, 3, 6]) {
    const again = await rig.json(0, 'reproduce', `clicks@${version}`);
    expect([again.verdict, again.steps.map((one: Document) => one.result)]).toEqual(['same', ['same']]);
  }

  const up = await rig.json(0, 'lineage', 'clicks', '--up');
  const models = up.nodes.filter((one: Document) => one.kind === 'model').map((one: Document) => one.label);
  expect(models.sort()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `clicks@${n}`));
  const down = await rig.json(0, 'lineage', 'clicks@1', '--down');
  expect(down.nodes.filter((one: Document) => one.kind === 'model')).toHaveLength(6);
  // The first month reached the last model; so did the data that only an ancestor read.
  const { versions } = await rig.json(0, 'impact', 'data/2026-01.csv');
  expect(versions).toHaveLength(6);
  await rig.refit('report', 'clicks@6', '-o', 'card.html');
  expect(rig.read('card.html')).toContain('Ancestry');
});

it('reaches models whose own training did not read a file, through the models that they started from', async () => {
  using rig = clicks({
    train: 'node train.js ${{ champion.path }} ${{ outputs.model }} work/metrics.json 2 current.csv',
  });
  const yaml = rig.read('pipelines/clicks.yaml').replace('"${{ datasets.clicks }}"]', 'current.csv]');
  rig.write({ 'pipelines/clicks.yaml': yaml, 'current.csv': rig.read('data/2026-01.csv') });
  await rig.json(0, 'retrain', 'clicks', '--force');
  rig.write({ 'first.csv': rig.read('current.csv'), 'current.csv': rig.read('data/2026-02.csv') });
  await rig.json(0, 'retrain', 'clicks', '--force');
  const { versions } = await rig.json(0, 'impact', 'first.csv');
  expect(versions.map((one: Document) => `${one.model}@${one.version}`)).toEqual(['clicks@1', 'clicks@2']);
});

it('keeps the bytes of a parent as long as its child is kept, and pushes them with the child', async () => {
  using rig = clicks();
  using share = createShare();
  await retrainAfter(rig, ['01', '02', '03']);
  const [one, two] = await Promise.all(
    ['clicks@1', 'clicks@2'].map(async (name) => (await rig.json(0, 'why', name)).version.hash),
  );
  // Three versions serve or could be rolled back to: only the child of version 1 keeps its bytes.
  const later = '2027-06-01';
  rig.write({ 'work/model.json': '{}' });
  await rig.json(0, 'gc', '--versions', '1', '--days', '0', '--now', later, '--apply');
  const stored = rig.files('.refit/store').join('\n');
  expect(stored).toContain(two.slice(2));
  expect(stored).toContain(one.slice(2));
  expect((await rig.json(0, 'reproduce', 'clicks@2')).verdict).toBe('same');

  await rig.json(0, 'push', share.path);
  const files = Object.fromEntries(['pipelines/clicks.yaml', 'evaluate.js', 'test.csv'].map((f) => [f, rig.read(f)]));
  using other = createRig(files);
  await other.json(0, 'pull', share.path, '--all');
  expect((await other.json(0, 'why', 'clicks@3')).ancestry).toHaveLength(3);
  const there = await other.json(0, 'reproduce', 'clicks@3');
  expect(there.steps.map((step: Document) => [step.step, step.result])).toEqual([['train', 'same']]);
});
