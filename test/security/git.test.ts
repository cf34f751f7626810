import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';
import { poisonGit } from './hostile-git.js';

const PIPELINE = `pipeline: p
steps: { s: { run: 'sh t.sh > o', inputs: [x.csv, t.sh], outputs: [o] } }
model: o
`;

/** Each hostile setting leaves a file of its name here. */
let marks: string;
let rig: Rig;

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always', ...args],
    {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    },
  );

const mark = (name: string): string => `touch '${marks}/${name}'`;
const started = (): readonly string[] => readdirSync(marks).sort();

function commitAll(folder: string): void {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'more');
}

const poison = (gitFolder: string): void => poisonGit(gitFolder, marks);

const READING = [
  ['status'],
  ['plan', 'p'],
  ['why', 'p@2'],
  ['diff', 'p@1', 'p@2'],
  ['compare', 'HEAD'],
  ['lineage', 'p@2'],
  ['impact', 'x.csv'],
  ['report', 'p@2', '--md'],
  ['doctor'],
  ['verify'],
];

beforeEach(() => {
  marks = mkdtempSync(join(tmpdir(), 'refit-marks-'));
  rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'x.csv': 'a\n1\n', 't.sh': 'echo 1\n', '.gitignore': '.refit\no\n' });
  git(rig.root, 'init', '-q', '-b', 'main');
  commitAll(rig.root);
});
afterEach(() => {
  rig[Symbol.dispose]();
  rmSync(marks, { recursive: true, force: true });
});

/** Of each run: whether its code was changed since the commit, if it had one. */
const codeOf = (of: Rig): readonly unknown[] =>
  of
    .query('SELECT code_json FROM run ORDER BY rowid')
    .map(({ code_json }) => JSON.parse(code_json))
    .map(({ commit, isDirty }) => (commit === undefined ? 'none' : isDirty ? 'changed' : 'clean'));

async function makeTwoVersions(): Promise<void> {
  await rig.json(0, 'run', 'p');
  rig.write({ 't.sh': 'echo 2\n' });
  commitAll(rig.root);
  await rig.json(0, 'run', 'p');
}

describe('settings of a repository', () => {
  it('start no program in commands that read, and the text of code is still found', async () => {
    await makeTwoVersions();
    poison(join(rig.root, '.git'));
    rig.write({ '.gitattributes': '* filter=x diff=x\n', 't.sh': 'echo 3\n' });
    for (const command of READING) expect((await rig.refit(...command)).exit, command.join(' ')).not.toBe(70);
    expect((await rig.refit('diff', 'p@1', 'p@2')).stdout).toContain('echo 1');
    expect(started()).toEqual([]);
  });

  it('start no program in a run or a reproduction either', async () => {
    await makeTwoVersions();
    poison(join(rig.root, '.git'));
    rig.write({ '.gitattributes': '* filter=x diff=x\n*.csv filter=y\n', 't.sh': 'echo 4\n' });
    await rig.json(0, 'run', 'p');
    expect(codeOf(rig)).toEqual(['clean', 'clean', 'changed']);
    expect((await rig.json(0, 'reproduce', 'p@1')).verdict).toBe('same');
    expect((await rig.json(0, 'reproduce', 'p@3')).verdict).toBe('same');
    expect(started()).toEqual([]);
  });

  it('of a submodule start none, and its changes count as changes of the workspace', async () => {
    const library = mkdtempSync(join(tmpdir(), 'refit-library-'));
    git(library, 'init', '-q');
    execFileSync('sh', ['-c', 'echo "echo one" > t.sh'], { cwd: library });
    commitAll(library);
    git(rig.root, 'submodule', '--quiet', 'add', library, 'sub');
    rig.write({ 'pipelines/p.yaml': PIPELINE.replaceAll('t.sh', 'sub/t.sh') });
    commitAll(rig.root);
    await rig.json(0, 'run', 'p');
    poison(join(rig.root, '.git/modules/sub'));
    await rig.json(0, 'run', 'p', '--force');
    rig.write({ 'sub/t.sh': 'echo two\n' });
    await rig.json(0, 'run', 'p');
    expect(codeOf(rig)).toEqual(['clean', 'clean', 'changed']);
    expect((await rig.json(0, 'reproduce', 'p@1')).verdict).toBe('same');
    expect((await rig.refit('diff', 'p@1', 'p@2')).stdout).toContain('echo one');
    expect(started()).toEqual([]);
    rmSync(library, { recursive: true });
  });

  it('of a linked work tree start none', async () => {
    const tree = join(rig.root, 'tree');
    git(rig.root, 'worktree', 'add', '-q', tree);
    git(rig.root, 'config', 'extensions.worktreeConfig', 'true');
    git(tree, 'config', '--worktree', 'core.fsmonitor', `${mark('worktree')}; false`);
    using inside = createRig({}, {});
    execFileSync('cp', ['-r', `${tree}/.`, inside.root]);
    await inside.json(0, 'run', 'p');
    inside.write({ 't.sh': 'echo 2\n' });
    await inside.json(0, 'run', 'p');
    expect(codeOf(inside)).toEqual(['clean', 'changed']);
    expect(started()).toEqual([]);
  });

  it('of a folder that only looks like a bare repository are not read', async () => {
    using bare = createRig({ 'pipelines/p.yaml': PIPELINE, 'x.csv': 'a\n1\n', 't.sh': 'echo 1\n' });
    git(bare.root, 'init', '-q', '--bare', '.');
    git(bare.root, 'config', 'core.worktree', bare.root);
    git(bare.root, 'config', 'core.bare', 'false');
    git(bare.root, 'config', 'core.fsmonitor', `${mark('bare')}; false`);
    await bare.json(0, 'run', 'p');
    expect(codeOf(bare)).toEqual(['none']);
    for (const command of READING) await bare.refit(...command.map((word) => word.replace('@2', '@1')));
    expect(started()).toEqual([]);
  });

  it('that name a place for missing objects open no connection to it', async () => {
    await makeTwoVersions();
    const first = git(rig.root, 'rev-parse', 'HEAD~1:t.sh').trim();
    rmSync(join(rig.root, '.git/objects', first.slice(0, 2), first.slice(2)), { force: true });
    git(rig.root, 'config', 'extensions.partialClone', 'origin');
    git(rig.root, 'config', 'remote.origin.promisor', 'true');
    git(rig.root, 'config', 'remote.origin.url', `ext::sh -c "${mark('ext')}"`);
    git(rig.root, 'config', 'protocol.ext.allow', 'always');
    expect((await rig.refit('diff', 'p@1', 'p@2')).exit).toBe(0);
    await rig.refit('reproduce', 'p@1');
    expect(started()).toEqual([]);
  });
});

describe('filters that the user set up', () => {
  it('work in a run, and not in a command that only reads', async () => {
    const settings = join(marks, '..', `refit-settings-${process.pid}`);
    git(rig.root, 'config', '--file', settings, 'filter.lfs.clean', `${mark('clean')}; sed s/big/small/`);
    git(rig.root, 'config', '--file', settings, 'filter.lfs.smudge', `${mark('smudge')}; sed s/small/big/`);
    using mine = createRig(
      { 'pipelines/p.yaml': PIPELINE, 'x.csv': 'big\n', 't.sh': 'echo 1\n', '.gitignore': '.refit\no\n' },
      { GIT_CONFIG_GLOBAL: settings },
    );
    mine.write({ '.gitattributes': 'x.csv filter=lfs\n' });
    git(mine.root, 'init', '-q');
    const own = (...args: readonly string[]): void =>
      void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: mine.root,
        env: { ...process.env, GIT_CONFIG_GLOBAL: settings },
      });
    own('add', '-A');
    own('commit', '-qm', 'first');
    utimesSync(join(mine.root, 'x.csv'), 1, 1);
    await mine.json(0, 'run', 'p');
    expect(codeOf(mine)).toEqual(['clean']);
    mine.write({ 'x.csv': 'other big\n', 't.sh': 'echo 2\n' });
    own('commit', '-qam', 'second');
    await mine.json(0, 'run', 'p');
    for (const name of started()) rmSync(join(marks, name));
    for (const command of READING) await mine.refit(...command);
    expect(started()).toEqual([]);
    expect((await mine.json(0, 'reproduce', 'p@1')).verdict).toBe('same');
    expect(started()).toEqual(['smudge']);
    rmSync(settings);
  });
});

it('leaves the index of the repository as it was', async () => {
  await rig.json(0, 'run', 'p');
  utimesSync(join(rig.root, 't.sh'), 1, 1);
  rig.write({ 'x.csv': 'a\n2\n' });
  const before = rig.read('.git/index');
  await rig.json(0, 'run', 'p');
  await rig.refit('diff', 'p@1', 'p@2');
  expect(rig.read('.git/index')).toBe(before);
  expect(rig.list('.git')).not.toContain('index.lock');
});

it('does not read through a link that a commit brings', async () => {
  rig.write({ 'pipelines/p.yaml': PIPELINE.replace('x.csv', 'lib/x.csv'), 'lib/x.csv': 'one\n' });
  commitAll(rig.root);
  await rig.json(0, 'run', 'p');
  rig.write({ 'lib/x.csv': 'two\n' });
  await rig.json(0, 'run', 'p');
  // the commit of the first version now has a link where the run saw a file
  rig.remove('lib');
  rig.link('lib', '/etc');
  commitAll(rig.root);
  const commit = git(rig.root, 'rev-parse', 'HEAD').trim();
  rig.update(`UPDATE run SET code_json = json_set(code_json, '$.commit', '${commit}')`);
  const { exit, stdout } = await rig.refit('diff', 'p@1', 'p@2');
  expect(exit).toBe(0);
  expect(stdout).not.toContain('root:');
});
