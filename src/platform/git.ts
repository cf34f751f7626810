import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { CheckOut, Git } from '../domain/ports/git.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { checkOutSubmodules, trackedFiles } from './git-tree.js';
import { capture } from './processes/capture.js';

/** Reads the repository that the workspace lies in; its work tree and index are never touched. */
export const createGit = (root: string): Git => ({
  checkOut: (what) => checkOut(root, what),
  tracked: (commit) => trackedFiles(root, commit),
});

async function checkOut(root: string, what: CheckOut): Promise<Result<void, Failure>> {
  const scratch = await mkdtemp(join(tmpdir(), 'refit-git-'));
  try {
    const prefix = await capture('git', ['rev-parse', '--show-prefix'], { cwd: root });
    if (prefix.exitCode !== 0) return err(noCommit(what.commit));
    const below = prefix.stdout.trim();
    const target = join(root, what.folder);
    await mkdir(target, { recursive: true });
    const copied = await copyTree(root, { ...what, target, below, index: join(scratch, 'index') });
    if (!copied.ok) return copied;
    const deeper = await checkOutSubmodules({ root, commit: what.commit, target, paths: what.paths });
    if (!deeper.ok || what.diffText === undefined) return deeper;
    await writeFile(join(scratch, 'patch'), what.diffText);
    return await applyPatch({ target, below, patch: join(scratch, 'patch'), isPart: what.paths !== undefined });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const noCommit = (commit: string): Failure => ({
  code: 'not-found',
  what: 'commit',
  name: commit,
  available: [],
  next: 'git does not have it here: fetch it, or look in the clone where the run was made',
});

interface Copy extends CheckOut {
  readonly target: string;
  readonly below: string;
  readonly index: string;
}

/** Through an index of its own, so that filters of git (line ends, large files) work as in a checkout. */
async function copyTree(root: string, { commit, target, below, index, paths }: Copy): Promise<Result<void, Failure>> {
  const tree = `${commit}:${below}`;
  const env = { GIT_INDEX_FILE: index };
  const read = await capture('git', ['read-tree', tree], { cwd: root, env });
  if (read.exitCode !== 0) return err(noCommit(commit));
  const there = paths === undefined ? undefined : await filesIn(root, tree, paths);
  if (there?.length === 0) return ok(undefined);
  // the tree is the workspace's own part: seen from the repository's root, it would be looked for in another place
  const top = await capture('git', ['rev-parse', '--show-toplevel'], { cwd: root });
  const args = ['checkout-index', '-f', `--prefix=${target}/`, ...(there === undefined ? ['-a'] : ['--', ...there])];
  const made = await capture('git', args, { cwd: top.stdout.trim(), env });
  return made.exitCode === 0
    ? ok(undefined)
    : err({ code: 'file-unwritable', path: target, reason: made.stderr.trim() || 'git checkout-index failed' });
}

async function filesIn(root: string, tree: string, paths: readonly string[]): Promise<readonly string[]> {
  const listed = await capture('git', ['ls-tree', '-r', '-z', '--name-only', '--full-tree', tree], { cwd: root });
  const isWanted = (file: string): boolean => paths.some((path) => file === path || file.startsWith(`${path}/`));
  return listed.stdout.split('\0').filter((file) => file !== '' && isWanted(file));
}

interface Patch {
  readonly target: string;
  readonly below: string;
  readonly patch: string;
  /** Only some files are there: hunks of the others are left out. */
  readonly isPart: boolean;
}

async function applyPatch({ target, below, patch, isPart }: Patch): Promise<Result<void, Failure>> {
  const depth = below.split('/').length - 1;
  const args = ['apply', '--binary', '--whitespace=nowarn', `-p${1 + depth}`];
  // it must not see the repository around it: paths would be taken from its root
  const env = { GIT_CEILING_DIRECTORIES: join(target, '..') };
  const names = await capture('git', [...args, '--numstat', '-z', patch], { cwd: target, env });
  const touched = names.stdout.split('\0').flatMap((line) => line.split('\t')[2] ?? []);
  const only = isPart ? await existing(target, touched) : touched;
  if (only.length === 0) return ok(undefined);
  const include = only.map((file) => `--include=${file}`);
  const done = await capture('git', [...args, ...include, patch], { cwd: target, env });
  return done.exitCode === 0
    ? ok(undefined)
    : err({
        code: 'integrity',
        what: 'the uncommitted changes of the run',
        expected: 'a patch that applies',
        found: done.stderr.trim(),
        next: 'the commit in git is not the one that the run saw',
      });
}

async function existing(target: string, files: readonly string[]): Promise<readonly string[]> {
  const { existsSync } = await import('node:fs');
  return files.filter((file) => existsSync(join(target, file)));
}
