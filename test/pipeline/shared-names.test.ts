import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const pipeline = (name: string, model: string): string => `pipeline: ${name}
steps:
  train: { run: cp ${name}.txt ${name}.model, inputs: [${name}.txt], outputs: [${name}.model] }
model: { name: ${model}, path: ${name}.model, gate: [{ smoke: "true" }], first: accept }
retrain: weekly
`;

const rigOf = (b: string) =>
  createRig({ 'pipelines/a.yaml': pipeline('a', 'm'), 'pipelines/b.yaml': b, 'a.txt': 'a', 'b.txt': 'b' });

it('refuses two pipelines that make one model, at the place of each, and lets neither train', async () => {
  using rig = rigOf(pipeline('b', 'm'));
  const { files } = await rig.json(2, 'validate');
  expect(
    files.map(({ file, diagnostics: [one] }: { file: string; diagnostics: { code: string }[] }) => [file, one?.code]),
  ).toEqual([
    ['pipelines/a.yaml', 'model-name-taken'],
    ['pipelines/b.yaml', 'model-name-taken'],
  ]);
  const one = await rig.refit('validate', 'b');
  expect(one.stderr).toMatch(/pipelines\/b\.yaml:4:8 error model-name-taken/);
  expect(one.stderr).toContain('pipelines/a.yaml');
  const all = await rig.refit('retrain', '--all');
  expect(all).toMatchObject({ exit: 2, stderr: expect.stringContaining('model-name-taken') });
  expect(rig.has('a.model') || rig.has('b.model')).toBe(false);
});

it('refuses the second of them alone too, once the first has made a version, but not a renamed pipeline', async () => {
  using rig = rigOf(pipeline('b', 'm'));
  await rig.json(0, 'run', 'a');
  for (const command of ['run', 'retrain'])
    expect(await rig.refit(command, 'b')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('model-name-taken'),
    });
  expect(rig.has('b.model')).toBe(false);
  rig.remove('pipelines/a.yaml');
  await rig.json(0, 'retrain', 'b');
});

it('refuses two models that are published to one folder', async () => {
  using rig = rigOf(pipeline('b', 'n'));
  const publish = (name: string): void =>
    rig.write({
      [`pipelines/${name}.yaml`]: rig
        .read(`pipelines/${name}.yaml`)
        .replace('first:', 'publish: { path: serving }, first:'),
    });
  publish('a');
  await rig.json(0, 'validate');
  publish('b');
  const ended = await rig.refit('validate', 'b');
  expect(ended).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/b\.yaml:4:8 error publish-path-taken .*a\.yaml/),
  });
});

it('lets no command take over the folder from which another model serves, nor publish into it', async () => {
  const publishing = (name: string, model: string, path: string): string =>
    pipeline(name, model).replace('first:', `publish: { path: ${path} }, first:`);
  using rig = rigOf(publishing('b', 'n', 'serving/n'));
  rig.write({ 'pipelines/a.yaml': publishing('a', 'm', 'serving/m') });
  for (const name of ['a', 'b']) await rig.json(0, 'run', name);
  for (const version of ['m@1', 'n@1']) await rig.json(0, 'promote', version, '--reason', 'r');
  rig.write({ 'b.txt': 'b2' });
  await rig.json(0, 'run', 'b');
  const served = rig.read('serving/m/current.json');
  for (const path of ['serving/m', './serving/m/', 'serving/m/versions', 'serving/m/current/deep']) {
    rig.write({ 'pipelines/b.yaml': publishing('b', 'n', path) });
    for (const command of [
      ['promote', 'n@1', '--reason', 'r'],
      ['promote', 'n@2', '--reason', 'r'],
      ['rollback', 'n', '--reason', 'r'],
      ['retrain', 'b', '--force', '--reason', 'r'],
      ['run', 'b'],
      ['validate', 'b'],
    ])
      expect({ path, command, ...(await rig.refit(...command)) }).toMatchObject({
        exit: 2,
        stderr: expect.stringContaining('publish-path-taken'),
      });
    expect([rig.read('serving/m/current.json'), rig.read('serving/m/current/a.model')]).toEqual([served, 'a']);
  }
  // The one that serves there goes on, and so does a model beside it, or under a new name.
  await rig.json(0, 'promote', 'm@1', '--reason', 'again');
  rig.write({ 'a.txt': 'a2' });
  await rig.json(0, 'run', 'a');
  await rig.json(0, 'promote', 'm@2', '--reason', 'newer');
  rig.write({ 'pipelines/b.yaml': publishing('b', 'n', 'serving/m/beside') });
  await rig.json(0, 'promote', 'n@2', '--reason', 'beside');
  rig.write({ 'pipelines/b.yaml': publishing('b', 'o', 'serving/m/beside'), 'b.txt': 'b3' });
  await rig.json(0, 'run', 'b');
  await rig.json(0, 'promote', 'o@1', '--reason', 'renamed');
  expect(rig.read('serving/m/beside/current/b.model')).toBe('b3');
}, 300_000);

it('refuses two files of one name; the pipelines beside them train', async () => {
  using rig = rigOf(pipeline('b', 'n'));
  rig.write({ 'pipelines/copy.yaml': pipeline('a', 'm') });
  const all = await rig.refit('retrain', '--all', '--json');
  expect(all).toMatchObject({ exit: 2, stderr: expect.stringContaining('pipeline-name-taken') });
  expect(all.stderr).not.toContain('model-name-taken');
  expect(JSON.parse(all.stdout)).toMatchObject({ pipelines: [{ decision: 'retrain' }], failures: [{}, {}] });
});
