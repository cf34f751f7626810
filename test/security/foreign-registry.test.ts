import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, createRig, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
steps: { s: { run: 'echo 1 > o', inputs: [], outputs: [o] } }
model: { path: o, first: accept, gate: [ { smoke: 'true' } ], publish: { path: serving } }
`;

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const READING = [['status'], ['plan', 'p'], ['runs'], ['validate'], ['why', 'p@1'], ['verify']] as const;

async function refusedIn(rig: Rig, ...args: readonly string[]): Promise<void> {
  const { exit, stdout, stderr } = await rig.refit(...args);
  expect({ args, exit }).toEqual({ args, exit: 7 });
  expect(stdout + stderr).toContain('in the index of git');
  expect(stdout + stderr).toContain('git rm -rq');
}

async function made(): Promise<Rig> {
  const rig = createRig({ 'pipelines/p.yaml': PIPELINE });
  await rig.json(0, 'run', 'p');
  git(rig.root, 'init', '-q');
  return rig;
}

describe('a .refit that git tracks', () => {
  it('is refused by every command, and accepted again when git forgets it', async () => {
    using rig = await made();
    git(rig.root, 'add', '-f', '.refit', 'pipelines');
    for (const args of READING) await refusedIn(rig, ...args);
    await refusedIn(rig, 'run', 'p');
    git(rig.root, 'rm', '-rq', '--cached', '.refit');
    expect((await rig.refit('status')).exit).toBe(0);
  }, 300_000);

  it.each([
    ['a single file', ['add', '-f', '.refit/registry.db'], []],
    ['in an index of version 4', ['add', '-f', '.refit', 'pipelines'], ['-c', 'index.version=4']],
    ['in a split index', ['update-index', '--split-index', '--add', '.refit/registry.db'], []],
  ])('is refused as %s', async (_, args, settings) => {
    using rig = await made();
    rig.write({ '.reason': '' });
    git(rig.root, ...settings, 'add', '.reason');
    git(rig.root, ...settings, ...args);
    await refusedIn(rig, 'status');
  });

  it('is refused in a clone, below the top of the repository, and as a submodule', async () => {
    using theirs = createRig({ 'deep/pipelines/p.yaml': PIPELINE, 'deep/.refit/registry.db': 'any' });
    git(theirs.root, 'init', '-q');
    git(theirs.root, 'add', '-f', '.');
    git(theirs.root, 'commit', '-qm', 'all');
    using clone = createRig();
    git(clone.root, 'clone', '-q', theirs.root, 'here');
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'status'], {
      cwd: join(clone.root, 'here/deep'),
      encoding: 'utf8',
    });
    expect([status, stderr.includes('in the index of git')]).toEqual([7, true]);
    using inside = createRig();
    git(inside.root, 'init', '-q');
    git(inside.root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-f', '-q', theirs.root, '.refit');
    inside.write({ 'pipelines/p.yaml': PIPELINE });
    await refusedIn(inside, 'status');
  });

  it('of another workspace in the repository is no reason', async () => {
    using rig = await made();
    rig.write({ 'other/.refit/registry.db': 'any', '.refit-notes': 'any' });
    git(rig.root, 'add', '-f', 'other', '.refit-notes', 'pipelines');
    expect((await rig.refit('status')).exit).toBe(0);
  });
});

describe('a link in .refit', () => {
  it.each(['store/ab', 'logs/any', 'cache/performance', 'aside/any', 'tmp/deep', 'locks/x.db'])(
    'at %s is refused',
    async (path) => {
      using outside = createRig({ keep: 'theirs' });
      using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
      await rig.refit('run', 'p');
      mkdirSync(join(rig.root, '.refit', path, '..'), { recursive: true });
      symlinkSync(outside.root, join(rig.root, '.refit', path));
      const { exit, stderr } = await rig.refit('run', 'p', '--force');
      expect(exit).toBe(7);
      expect(stderr).toContain(`.refit/${path}`);
      expect(outside.files()).toEqual(['keep']);
    },
  );

  it('deeper than the first look is not followed when refit writes there', async () => {
    using outside = createRig({ keep: 'theirs' });
    using rig = createRig({ 'pipelines/p.yaml': PIPELINE });
    await rig.json(0, 'run', 'p');
    const [{ id: run }] = rig.query('SELECT id FROM run') as [{ id: string }];
    rig.update(
      `INSERT INTO output_backup (run, step, path, aside_path, is_open) VALUES ('${run}', 's', 'o', '.refit/aside/r/deep/0', 1)`,
    );
    mkdirSync(join(rig.root, '.refit/aside/r'), { recursive: true });
    symlinkSync(outside.root, join(rig.root, '.refit/aside/r/deep'));
    outside.write({ '0': 'theirs' });
    const { exit, stderr } = await rig.refit('run', 'p', '--force');
    expect(exit).not.toBe(70);
    expect(readFileSync(join(outside.root, '0'), 'utf8')).toBe('theirs');
    expect(stderr).toContain('symbolic link');
  });
});

describe('a published folder', () => {
  const promoted = async (): Promise<Rig> => {
    const rig = createRig({ 'pipelines/p.yaml': PIPELINE });
    await rig.json(0, 'run', 'p');
    return rig;
  };

  it.each(['elsewhere', '.git', '.refit/tmp'])('whose versions are a link to %s is refused', async (target) => {
    using rig = await promoted();
    mkdirSync(join(rig.root, target), { recursive: true });
    mkdirSync(join(rig.root, 'serving'));
    symlinkSync(join(rig.root, target), join(rig.root, 'serving/versions'));
    const { exit, stderr } = await rig.refit('promote', 'p@1', '--reason', 'x');
    expect(exit).not.toBe(0);
    expect(stderr).toContain('serving/versions');
    expect(stderr).toContain('is a link to');
    expect(rig.list(target)).toEqual([]);
  });
});
