import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const yaml = (more = ''): Record<string, string> => ({
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.json model.json; cp source.json metrics.json, inputs: [source.json], outputs: [model.json], metrics: metrics.json }
model: { path: model.json, gate: [auc >= 0.6], publish: { path: serving/m }${more} }
`,
});
const auc = (value: number): Record<string, string> => ({ 'source.json': JSON.stringify({ auc: value }) });

let rig: Rig;
beforeEach(() => {
  rig = createRig({ ...yaml(), ...auc(0.7) });
});
afterEach(() => rig[Symbol.dispose]());

async function register(...values: readonly number[]): Promise<void> {
  for (const value of values) {
    rig.write(auc(value));
    await rig.json(0, 'run', 'm');
  }
}
const promote = (version: number, ...more: readonly string[]): Promise<Document> =>
  rig.json(0, 'promote', `m@${version}`, '--reason', 'next', ...more);

/** Tries it without and with `--force`, and returns what the first try said. */
async function refusedUnlessForced(version: number): Promise<string> {
  const before = rig.read('serving/m/current.json');
  const refused = await rig.refit('rollback', 'm', '--to', String(version), '--reason', 'back');
  expect(refused.exit).toBe(5);
  expect(refused.stderr).toContain(`refit rollback m --to ${version} --force --reason`);
  expect(rig.read('serving/m/current.json')).toBe(before);
  const forced = await rig.json(0, 'rollback', 'm', '--to', String(version), '--force', '--reason', 'I know');
  expect(forced.promotion).toMatchObject({ kind: 'rollback', to: version, forced: true });
  expect((await rig.refit('models', 'm')).stdout).toContain('rollback, forced');
  return refused.stderr;
}

it('goes back without force only to a version that has served', async () => {
  await register(0.7, 0.8, 0.9);
  await promote(1);
  await promote(3);
  expect(await refusedUnlessForced(2)).toContain('has never served');
  await rig.json(0, 'rollback', 'm', '--to', '1', '--reason', 'it was good');
  expect((await rig.json(0, 'models', 'm')).moves.at(-1)).toMatchObject({ kind: 'rollback', to: 1, forced: false });
});

it('says which versions there are where the one to go back to does not exist', async () => {
  await register(0.7);
  await promote(1);
  const { exit, stderr } = await rig.refit('rollback', 'm', '--to', '9', '--reason', 'back');
  expect(exit).toBe(2);
  expect(stderr).toContain('there is no version "m@9"');
  expect(stderr).toContain('refit models m lists the versions of m');
});

it('does not go back to a version that the gate refused, nor to one that was forced past it', async () => {
  await register(0.5, 0.7, 0.8);
  await promote(2);
  await promote(1, '--force');
  await promote(3);
  expect(await refusedUnlessForced(1)).toContain('only because somebody forced it');
  // A forced rollback does not make it a version that served: it takes force the next time too.
  await promote(2);
  await refusedUnlessForced(1);
});

it('goes back only to approved versions under approval: manual, and to none that was rejected since', async () => {
  await register(0.7, 0.8, 0.9);
  await promote(1);
  rig.write(yaml(', approval: manual'));
  await rig.json(0, 'approve', 'm@2', '--reason', 'yes');
  await rig.json(0, 'approve', 'm@3', '--reason', 'yes');
  expect(await refusedUnlessForced(1)).toContain('was never approved');
  await rig.json(0, 'rollback', 'm', '--to', '3', '--reason', 'approved');
  await rig.json(0, 'reject', 'm@2', '--reason', 'it leaks');
  expect(await refusedUnlessForced(2)).toContain('was rejected by a person');
});

it('names the version to force where the one that served before did so by force', async () => {
  await register(0.5, 0.8);
  await promote(1, '--force');
  await promote(2);
  const refused = await rig.refit('rollback', 'm', '--reason', 'bad');
  expect([refused.exit, refused.stderr]).toEqual([5, expect.stringContaining('refit rollback m --to 1 --force')]);
});

it('goes back to a version that --force published although nothing spoke against it', async () => {
  await register(0.7, 0.8);
  await promote(1, '--force');
  await promote(2);
  await rig.json(0, 'rollback', 'm', '--reason', 'urgent');
  expect((await rig.json(0, 'models', 'm')).moves.at(-1)).toMatchObject({ kind: 'rollback', to: 1, forced: false });
});

it('still asks for force where a failed hook went back to a version that was forced', async () => {
  await register(0.5, 0.8);
  await promote(1, '--force');
  const failing = 'path: serving/m, deploy: { run: "false" }, on_failure: roll-back }';
  rig.write({ 'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('path: serving/m }', failing) });
  await rig.refit('promote', 'm@2', '--reason', 'next');
  expect((await rig.json(0, 'models', 'm')).moves.at(-1)).toMatchObject({ kind: 'rollback', to: 1, forced: true });
  rig.write(yaml());
  await promote(2);
  expect(await refusedUnlessForced(1)).toContain('forced');
});
