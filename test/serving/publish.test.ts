import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig, isRunning, type Rig } from '../support/rig.js';

const served = (rig: Rig): unknown => JSON.parse(rig.read('serving/m/current/refit.json')).version;

const twoVersions = async (): Promise<Rig> => {
  const rig = createRig({
    'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: cp source.txt model.txt, inputs: [source.txt], outputs: [model.txt] }
model: { path: model.txt, publish: { path: serving/m, keep: 2 } }
`,
    'source.txt': 'one',
  });
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', 'm@1', '--reason', 'first');
  rig.write({ 'source.txt': 'two' });
  await rig.json(0, 'run', 'm');
  return rig;
};

/** As a crash leaves it: an intent without an end. */
function openIntent(rig: Rig, folder: string): void {
  const db = new Database(join(rig.root, '.refit/registry.db'));
  const row = db.prepare<[], { hash: string }>('SELECT hash FROM model_version WHERE version = 2').get();
  const move = {
    model: 'm',
    alias: 'champion',
    kind: 'promotion',
    from: 1,
    to: 2,
    toHash: row?.hash,
    reason: 'r',
    isForced: false,
    actor: 'me',
    movedAt: 0,
    now: 0,
  };
  db.prepare(
    "INSERT INTO publish_intent(model, alias, expected_generation, move_json, publish_path, folder, opened_at) VALUES ('m', 'champion', 1, ?, 'serving/m', ?, '2026-01-01T00:00:00.000Z')",
  ).run(JSON.stringify(move), folder);
  db.close();
}

it('serves through a relative link, keeps the versions before, and rolls back to verified bytes', async () => {
  using rig = await twoVersions();
  expect(served(rig)).toBe(1);
  await rig.json(0, 'promote', 'm@2', '--reason', 'second');
  expect(readlinkSync(join(rig.root, 'serving/m/current'))).toMatch(/^versions\/2-[0-9a-f]{8}$/);
  expect(rig.read('serving/m/current/model.txt')).toBe('two');
  const [first] = ['serving/m/versions'].flatMap((folder) => rig.list(folder).filter((name) => name.startsWith('1-')));
  rig.write({ [`serving/m/versions/${first ?? ''}/model.txt`]: 'touched by somebody' });
  await rig.json(0, 'rollback', 'm', '--reason', 'second is worse');
  expect(rig.read('serving/m/current/model.txt')).toBe('one');
  const { moves } = await rig.json(0, 'models', 'm');
  expect(moves.map((move: { kind: string; to: number }) => [move.kind, move.to])).toEqual([
    ['promotion', 1],
    ['promotion', 2],
    ['rollback', 1],
  ]);
});

it('rolls an interrupted publication forward when the link already points at it', async () => {
  using rig = await twoVersions();
  await rig.json(0, 'promote', 'm@2', '--reason', 'second');
  await rig.json(0, 'rollback', 'm', '--reason', 'back');
  const [second = ''] = rig.list('serving/m/versions').filter((name) => name.startsWith('2-'));
  const db = new Database(join(rig.root, '.refit/registry.db'));
  const generation = db.prepare<[], { g: number }>('SELECT max(generation) AS g FROM alias_move').get()?.g;
  db.close();
  openIntent(rig, second);
  rig.update(
    `UPDATE publish_intent SET expected_generation = ${generation} WHERE id = (SELECT max(id) FROM publish_intent)`,
  );
  rig.link('serving/m/current', `versions/${second}`);
  const ended = await rig.refit('run', 'm');
  expect(ended.stderr).toContain('was interrupted: completed');
  expect((await rig.json(0, 'status')).pipelines[0].champion.version).toBe(2);
});

it('aborts an interrupted publication when the link still points at the previous version', async () => {
  using rig = await twoVersions();
  openIntent(rig, '2-00000000');
  const ended = await rig.refit('run', 'm');
  expect(ended.stderr).toContain('given up');
  expect(served(rig)).toBe(1);
  await rig.json(0, 'promote', 'm@2', '--reason', 'second');
  expect(served(rig)).toBe(2);
  expect(existsSync(join(rig.root, '.refit/aside'))).toBe(true);
});

it('does not settle the open publication of another pipeline', async () => {
  using rig = await twoVersions();
  rig.write({
    'pipelines/other.yaml':
      'pipeline: other\nsteps:\n  s: { run: echo x > x.txt, inputs: [], outputs: [x.txt] }\nmodel: x.txt\n',
  });
  const ends = () => rig.query('SELECT outcome, reason FROM publish_intent_end ORDER BY intent');
  const settled = ends();
  openIntent(rig, '2-00000000');
  // for all that "other" knows the publication is at work this moment
  const other = await rig.refit('run', 'other');
  expect([other.exit, other.stderr]).toEqual([0, expect.not.stringContaining('interrupted')]);
  expect(ends()).toEqual(settled);
  expect((await rig.refit('run', 'm')).stderr).toContain('m@2 was interrupted: given up');
  expect(ends()).toEqual([...settled, { outcome: 'aborted', reason: 'interrupted before its commit point' }]);
});

it('keeps exactly "keep" versions besides the one that serves, the one before it always: readers may be in it', async () => {
  using rig = await twoVersions();
  for (const source of ['three', 'four', 'five']) {
    rig.write({ 'source.txt': source });
    await rig.json(0, 'run', 'm');
  }
  const yaml = rig.read('pipelines/m.yaml');
  const foldersAfter = async (version: number, keep: number): Promise<readonly number[]> => {
    rig.write({ 'pipelines/m.yaml': yaml.replace('keep: 2', `keep: ${keep}`) });
    await rig.json(0, 'promote', `m@${version}`, '--reason', 'next');
    expect(served(rig)).toBe(version);
    return rig
      .list('serving/m/versions')
      .map((name) => Number(name.split('-')[0]))
      .sort((a, b) => a - b);
  };
  for (const version of [2, 3, 4]) await foldersAfter(version, 3);
  expect(await foldersAfter(5, 3)).toEqual([2, 3, 4, 5]);
  // 5 served until now, 4 is the newest of the others
  expect(await foldersAfter(2, 2)).toEqual([2, 4, 5]);
  expect(await foldersAfter(4, 1)).toEqual([2, 4]);
  expect(await foldersAfter(5, 1)).toEqual([4, 5]);
});

it('goes back to the version before when the new one does not verify', async () => {
  using rig = await twoVersions();
  rig.write({
    'pipelines/m.yaml': rig
      .read('pipelines/m.yaml')
      .replace('keep: 2', 'keep: 2, verify: { run: "grep -q one ${{ publish.path }}/model.txt" }'),
  });
  rig.write({
    'pipelines/m.yaml': rig
      .read('pipelines/m.yaml')
      .replace('"grep -q one ${{ publish.path }}/model.txt"', '"grep -q one serving/m/current/model.txt"'),
  });
  const ended = await rig.refit('promote', 'm@2', '--reason', 'second');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('verify failed');
  expect(served(rig)).toBe(1);
  const { moves } = await rig.json(0, 'models', 'm');
  expect(moves.at(-1)).toMatchObject({ kind: 'rollback', to: 1 });
});

it('says that a version serves although its verify failed, where the pipeline keeps it', async () => {
  using rig = await twoVersions();
  const yaml = rig.read('pipelines/m.yaml');
  rig.write({
    'pipelines/m.yaml': `${yaml.replace('keep: 2', 'keep: 2, on_failure: keep, verify: { run: "false" }').replace('model.txt, publish', 'model.txt, first: accept, gate: [{ smoke: "true" }], publish')}retrain: daily\n`,
  });
  const kept = await rig.json(1, 'promote', 'm@2', '--reason', 'second');
  expect(kept.promotion).toMatchObject({ from: 1, to: 2 });
  rig.write({ 'source.txt': 'three' });
  const retrained = await rig.json(1, 'retrain', 'm', '--force');
  expect(retrained).toMatchObject({ outcome: 'failed', promotion: { from: 2, to: 3 } });
  expect(served(rig)).toBe(3);
  expect((await rig.json(1, 'rollback', 'm', '--reason', 'bad')).promotion).toMatchObject({ from: 3, to: 2 });
});

it('puts outputs back that a killed run had moved aside, and calls the run lost', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps:\n  s: { run: sh s.sh, inputs: [s.sh], outputs: [out.txt] }\n',
    's.sh': 'echo good > out.txt',
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 's.sh': 'echo half > out.txt; echo $$ > child; sleep 60' });
  const running = rig.start('run', 'p');
  while (!rig.has('child') || rig.read('child') === '') await new Promise((done) => setImmediate(done));
  running.kill('SIGKILL');
  await running.ended;
  rig.write({ 's.sh': 'test "$(cat out.txt 2>/dev/null)" = "" && echo new > out.txt' });
  const ended = await rig.refit('plan', 'p');
  expect(ended.exit).toBe(0);
  const recovered = await rig.refit('run', 'p', '--json');
  expect(recovered.stderr).toContain('marked lost');
  expect(JSON.parse(recovered.stdout).run.status).toBe('succeeded');
  expect(rig.read('out.txt')).toBe('new\n');
  expect(isRunning(Number(rig.read('child')))).toBe(false);
  expect((await rig.json(0, 'runs')).runs.map((run: { status: string }) => run.status)).toEqual([
    'succeeded',
    'lost',
    'succeeded',
  ]);
});
