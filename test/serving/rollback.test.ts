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

const retention = 'retention: { versions: 1, days: 0 }\n';
const storeOf = (rig: Rig): string =>
  rig
    .files('.refit/store')
    .map((path) => rig.read(path))
    .join('\n');

it('stores again what gc removed, from the published folder, and says which versions can serve where that is gone too', async () => {
  rig.write({ 'refit.yaml': retention });
  rig.write({
    'pipelines/m.yaml': rig.read('pipelines/m.yaml').replace('path: serving/m }', 'path: serving/m, keep: 2 }'),
  });
  for (const version of [1, 2, 3, 4]) {
    await register(0.7 + version / 100);
    await promote(version);
  }
  await rig.json(0, 'gc', '--apply');
  expect(storeOf(rig)).not.toContain('0.72');
  // the published folder of 2 is there, that of 1 is not
  await rig.json(0, 'rollback', 'm', '--to', '2', '--reason', 'back');
  expect(storeOf(rig)).toContain('0.72');
  expect((await rig.refit('status', 'm')).exit).toBe(0);
  const before = rig.read('serving/m/current.json');
  for (const command of [
    ['rollback', 'm', '--to', '1'],
    ['promote', 'm@1'],
  ]) {
    const refused = await rig.refit(...command, '--reason', 'back');
    expect([refused.exit, refused.stderr]).toEqual([5, expect.stringContaining('gc removed them')]);
    expect(refused.stderr).toContain('m@4, m@3, m@2');
  }
  expect(rig.read('serving/m/current.json')).toBe(before);
  expect(rig.list('serving/m/versions').filter((name) => name.startsWith('.'))).toEqual([]);
  await rig.json(0, 'push', './share');
  const other = createRig({ 'refit.yaml': retention, 'pipelines/m.yaml': rig.read('pipelines/m.yaml') });
  expect((await other.json(0, 'pull', `${rig.root}/share`)).served).toMatchObject([{ version: 2 }]);
  other[Symbol.dispose]();
});

it('stores a folder again that gc removed, without what refit has put beside it', async () => {
  rig.write({
    'refit.yaml': retention,
    'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: "mkdir -p model/part && cp source.json model/part/m.json && echo x > model/run.sh && chmod +x model/run.sh", inputs: [source.json], outputs: [model] }
model: { path: model, publish: { path: serving/m } }
`,
  });
  for (const version of [1, 2, 3, 4]) {
    await register(version);
    await promote(version);
  }
  await rig.json(0, 'gc', '--apply');
  await rig.json(0, 'rollback', 'm', '--to', '2', '--reason', 'back');
  expect((await rig.refit('status', 'm')).exit).toBe(0);
  await rig.json(0, 'verify');
  // the stored bytes are those of the version: they can be published anew
  rig.remove('serving');
  await promote(2);
  expect(JSON.parse(rig.read('serving/m/current/part/m.json'))).toEqual({ auc: 2 });
});

it('names a champion whose bytes are not in the store, and stores them again', async () => {
  rig.write({ 'refit.yaml': retention });
  await register(0.7);
  await promote(1);
  const [{ hash }] = rig.query('SELECT hash FROM model_version');
  // as a rollback to what gc had removed left it
  const harm = (): void => {
    rig.update(`INSERT OR IGNORE INTO collected VALUES ('${hash}', '2026-01-01T00:00:00.000Z')`);
    rig.remove(`.refit/store/${hash.slice(0, 2)}/${hash.slice(2)}`);
  };
  harm();
  const found = await rig.json(7, 'status', 'm');
  expect(found.pipelines[0].serving).toMatchObject([{ code: 'bytes-missing' }]);
  expect((await rig.json(7, 'verify')).damaged).toMatchObject([{ object: hash, state: 'missing' }]);
  expect((await rig.json(7, 'doctor')).problems).toMatchObject([{ code: 'object-missing', can_repair: true }]);
  const refused = await rig.refit('push', './share');
  expect([refused.exit, refused.stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    7,
    expect.stringContaining(
      'no version of m that served has its bytes here, so else train one, and promote it; then push',
    ),
  ]);
  expect(refused.stderr).toContain('refit promote m@1 --reason');
  expect((await promote(1)).repaired).toMatchObject([{ code: 'bytes-missing' }]);
  await rig.json(0, 'status', 'm');
  harm();
  await rig.json(0, 'doctor', '--repair');
  await rig.json(0, 'verify');
  await rig.json(0, 'push', './share');
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
