import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: m
steps: { train: { run: cp source.txt model.txt, inputs: [source.txt], outputs: [model.txt] } }
model: { path: model.txt, publish: { path: serving/m } }
`;

let rig: Rig;
beforeEach(() => {
  rig = createRig({ 'pipelines/m.yaml': PIPELINE, 'source.txt': 'one' });
});
afterEach(() => rig[Symbol.dispose]());

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root }).toString();

async function serve(version: number): Promise<void> {
  rig.write({ 'source.txt': `source ${version}` });
  await rig.json(0, 'run', 'm');
  await rig.json(0, 'promote', `m@${version}`, '--reason', 'next');
}

const place = (path: string): string => join(rig.root, path);
/** Puts the registry of an earlier moment in place, as a checkout of a tracked file does. */
function rewindTo(copy: string): void {
  for (const end of ['-wal', '-shm']) rmSync(place(`.refit/registry.db${end}`), { force: true });
  copyFileSync(place(copy), place('.refit/registry.db'));
}
const codes = async (): Promise<readonly string[]> =>
  (await rig.json(7, 'status', 'm')).pipelines[0].serving.map((one: Document) => one.code);

it('keeps .refit out of git, whatever the files of the project say', async () => {
  git('init', '-q');
  await rig.json(0, 'run', 'm');
  expect(rig.read('.refit/.gitignore')).toBe('*\n');
  git('add', '-A');
  expect(
    git('ls-files')
      .split('\n')
      .filter((file) => file.startsWith('.refit')),
  ).toEqual([]);
});

it('ignores what runs make in a new project, and adds to a .gitignore that is there', async () => {
  await rig.json(0, 'init', 'new');
  expect(rig.read('new/.gitignore')).toBe('/work/\n/serving/\n');
  rig.write({ 'old/.gitignore': 'work\n*.tmp' });
  await rig.json(0, 'init', 'old');
  expect(rig.read('old/.gitignore')).toBe('work\n*.tmp\n/serving/\n');
});

it('says in status and verify that the registry is older than what serves', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await serve(2);
  rewindTo('early.db');
  expect(await codes()).toContain('registry-rewound');
  const { registry } = await rig.json(7, 'verify');
  expect(registry.map((one: Document) => one.what)).toEqual(['registry-rewound', 'registry-rewound']);
  // Commands that write must not hide it.
  await rig.json(7, 'run', 'm');
  rmSync(place('serving'), { recursive: true });
  expect(await codes()).toContain('registry-rewound');
});

it('notices by the file beside the registry that later approvals, notes and moves are gone', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await rig.json(0, 'note', 'm@1', 'a later word');
  rewindTo('early.db');
  expect(await codes()).toEqual(['registry-rewound']);
});

const GUARDED = [
  ['run', 'm'],
  ['retrain', 'm', '--force'],
  ['retrain', 'm', '--force', '--dry-run'],
  ['push', './share'],
  ['gc', '--apply'],
] as const;
const WITH_VERSION = [
  ['promote', 'm@1', '--reason', 'x', '--force'],
  ['rollback', 'm', '--to', '1', '--reason', 'x', '--force'],
] as const;

async function expectRefused(...commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) {
    const ended = await rig.refit(...command);
    expect([command, ended.exit]).toEqual([command, 7]);
    expect(ended.stderr).toContain('registry-rewound');
    expect(ended.stderr).toContain('refit registry accept');
  }
  expect((await rig.refit('doctor', '--repair')).exit).toBe(7);
}

it('trains, publishes, sends and removes nothing with an older registry, until the newer one is back', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await serve(2);
  await rig.json(0, 'registry', 'backup', 'late.db');
  rewindTo('early.db');
  const pointer = rig.read('serving/m/current.json');
  await expectRefused(...GUARDED, ...WITH_VERSION);
  expect(rig.read('serving/m/current.json')).toBe(pointer);
  await rig.json(0, 'registry', 'restore', 'late.db');
  rig.write({ 'source.txt': 'three' });
  expect((await rig.json(0, 'retrain', 'm', '--force')).outcome).toBe('registered');
  expect((await rig.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
});

it.each([
  ['torn', () => writeFileSync(place('.refit/registry.db'), '')],
  ['removed', () => rmSync(place('.refit'), { recursive: true })],
])('starts again from a registry that was %s only after a person accepted it', async (_, lose) => {
  await serve(1);
  await serve(2);
  for (const end of ['-wal', '-shm']) rmSync(place(`.refit/registry.db${end}`), { force: true });
  lose();
  await expectRefused(...GUARDED);
  expect((await rig.refit('registry', 'accept')).exit).toBe(2);
  const accepted = await rig.json(0, 'registry', 'accept', '--reason', 'the disk died');
  expect(accepted.accepted.map((one: Document) => one.path)).toContain('serving/m/current.json');
  expect((await rig.json(0, 'registry', 'accept', '--reason', 'again')).accepted).toEqual([]);
  await rig.json(0, 'retrain', 'm', '--force');
  expect((await rig.json(0, 'served', 'm')).ledger[0]).toMatchObject({ kind: 'note' });
  expect((await rig.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
  await rig.json(0, 'verify');
});

it('serves what an accepted registry knows with the next promote', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await serve(2);
  await rig.json(0, 'registry', 'restore', 'early.db');
  await expectRefused(...WITH_VERSION);
  await rig.json(0, 'registry', 'accept', '--reason', 'version 2 is lost');
  await rig.json(0, 'promote', 'm@1', '--reason', 'the last one that is known');
  expect(rig.read('serving/m/current/model.txt')).toBe('source 1');
  expect((await rig.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
});

it('still knows of lost entries after as many new ones', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await rig.json(0, 'note', 'm@1', 'a later word');
  rewindTo('early.db');
  for (const text of ['one', 'two', 'three']) await rig.json(0, 'note', 'm@1', text);
  expect(await codes()).toEqual(['registry-rewound']);
  await expectRefused(...GUARDED);
});

it('goes on once a pull has brought the lost entries back', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await serve(2);
  await rig.json(0, 'push', './share');
  rewindTo('early.db');
  await expectRefused(...GUARDED, ...WITH_VERSION);
  await rig.json(0, 'pull', './share');
  expect((await rig.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
  await serve(3);
  await rig.json(0, 'push', './share');
});

it('takes a published folder of an unknown run for a sign of a lost registry, and none for a new project', async () => {
  await serve(1);
  rmSync(place('.refit'), { recursive: true });
  rmSync(place('serving/m/current.json'));
  expect(await codes()).toEqual(['registry-rewound']);
  await expectRefused(...GUARDED);
  rmSync(place('serving'), { recursive: true });
  await serve(1);
});

it('restores a copy, keeps the registry that was there, and takes the copy for the right one', async () => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'early.db');
  await rig.json(0, 'note', 'm@1', 'a later word');
  const restored = await rig.json(0, 'registry', 'restore', 'early.db');
  expect(restored).toMatchObject({ runs: 1, ledger_entries: 1 });
  expect(existsSync(place(restored.replaced))).toBe(true);
  expect((await rig.json(0, 'status', 'm')).pipelines[0].serving).toEqual([]);
  await rig.json(0, 'verify');
  // Back again to the one that was replaced.
  await rig.json(0, 'registry', 'restore', restored.replaced);
  expect((await rig.json(0, 'served', 'm')).ledger.length).toBe(2);
});

it('restores what is only in the write-ahead log of a copy', async () => {
  await serve(1);
  // While it is open here, the last process that closes it does not write its log into the file.
  const open = new Database(place('.refit/registry.db'));
  open.prepare('SELECT count(*) FROM run').get();
  await rig.json(0, 'note', 'm@1', 'only in the log');
  for (const end of ['', '-wal']) copyFileSync(place(`.refit/registry.db${end}`), place(`copy.db${end}`));
  open.close();
  await rig.json(0, 'registry', 'restore', 'copy.db');
  expect((await rig.refit('models', 'm@1')).stdout + (await rig.refit('why', 'm@1')).stdout).toContain(
    'only in the log',
  );
});

it.each([
  ['no database at all', Buffer.from('nothing of the kind, and long enough to be read as a header of a file')],
  ['a torn page', undefined],
])('exits with 7 for a registry with %s, and restores over it', async (_, bytes) => {
  await serve(1);
  await rig.json(0, 'registry', 'backup', 'copy.db');
  rewindTo('copy.db');
  const damaged = bytes ?? readFileSync(place('.refit/registry.db')).map((byte, i) => (i < 4096 ? byte : 0xa5));
  writeFileSync(place('.refit/registry.db'), damaged);
  for (const command of [['status'], ['runs'], ['run', 'm']]) {
    const ended = await rig.refit(...command);
    expect([command, ended.exit]).toEqual([command, 7]);
    expect(ended.stderr).toContain('refit registry restore');
  }
  await rig.json(0, 'registry', 'restore', 'copy.db');
  expect((await rig.json(0, 'runs')).runs).toHaveLength(1);
});

it('replaces nothing by a file that is no registry', async () => {
  await serve(1);
  rig.write({ 'wrong.db': 'text' });
  expect((await rig.refit('registry', 'restore', 'wrong.db')).exit).toBe(7);
  expect((await rig.refit('registry', 'restore', 'absent.db')).exit).toBe(1);
  expect((await rig.json(0, 'runs')).runs).toHaveLength(1);
});
