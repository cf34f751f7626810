import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { capture } from './processes/capture.js';

/** What a commit holds below a folder: paths relative to that folder, and the commits of its submodules. */
interface Tree {
  readonly files: readonly string[];
  readonly submodules: readonly { readonly path: string; readonly commit: string }[];
}

/** `undefined`: git does not have the commit. */
async function treeOf(root: string, commit: string, below: string): Promise<Tree | undefined> {
  const listed = await capture('git', ['ls-tree', '-r', '-z', '--full-tree', `${commit}:${below}`], { cwd: root });
  if (listed.exitCode !== 0) return undefined;
  const entries = listed.stdout.split('\0').flatMap((line) => {
    const [, type, hash = '', path = ''] = /^\d+ (\w+) (\w+)\t(.*)$/s.exec(line) ?? [];
    return type === undefined ? [] : [{ isSubmodule: type === 'commit', hash, path }];
  });
  return {
    files: entries.filter((one) => !one.isSubmodule).map((one) => one.path),
    submodules: entries.filter((one) => one.isSubmodule).map(({ path, hash }) => ({ path, commit: hash })),
  };
}

const prefixOf = async (root: string): Promise<string> =>
  (await capture('git', ['rev-parse', '--show-prefix'], { cwd: root })).stdout.trim();

/** The files of the workspace that a commit and the commits of its submodules hold. Empty if git does not have the commit. */
export const trackedFiles = async (root: string, commit: string): Promise<ReadonlySet<string>> =>
  new Set(await filesBelow(root, commit, await prefixOf(root)));

async function filesBelow(root: string, commit: string, below = ''): Promise<readonly string[]> {
  const tree = await treeOf(root, commit, below);
  if (tree === undefined) return [];
  const files = [...tree.files];
  for (const { path, commit: theirs } of tree.submodules)
    if (existsSync(join(root, path, '.git')))
      for (const file of await filesBelow(join(root, path), theirs)) files.push(`${path}/${file}`);
  return files;
}

interface CheckedOut {
  /** The folder of the workspace, or of the submodule. */
  readonly root: string;
  readonly commit: string;
  /** Absolute folder that the files are written to. */
  readonly target: string;
  /** Only these files, relative to `target`. All files if absent. */
  readonly paths?: readonly string[];
}

/** Writes the files of all submodules at the commits that the given commit names. One that was never cloned is left out. */
export async function checkOutSubmodules(what: CheckedOut): Promise<Result<void, Failure>> {
  return checkOutBelow(what, await prefixOf(what.root));
}

async function checkOutBelow(
  { root, commit, target, paths }: CheckedOut,
  below: string,
): Promise<Result<void, Failure>> {
  for (const { path, commit: theirs } of (await treeOf(root, commit, below))?.submodules ?? []) {
    const inside = paths?.flatMap((one) => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1)] : []));
    if (!existsSync(join(root, path, '.git')) || inside?.length === 0) continue;
    const own = { root: join(root, path), commit: theirs, target: join(target, path), paths: inside };
    const made = await checkOutOne(own);
    if (!made.ok) return made;
    const nested = await checkOutBelow(own, '');
    if (!nested.ok) return nested;
  }
  return ok(undefined);
}

async function checkOutOne({ root, commit, target, paths }: CheckedOut): Promise<Result<void, Failure>> {
  const there = paths === undefined ? undefined : await presentOf(root, commit, paths);
  if (there?.length === 0) return ok(undefined);
  const scratch = await mkdtemp(join(tmpdir(), 'refit-git-'));
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') };
    const read = await capture('git', ['read-tree', commit], { cwd: root, env });
    const which = there === undefined ? ['-a'] : ['--', ...there];
    const made =
      read.exitCode === 0
        ? await capture('git', ['checkout-index', '-f', `--prefix=${target}/`, ...which], { cwd: root, env })
        : read;
    return made.exitCode === 0 ? ok(undefined) : err(notCheckedOut(commit, made.stderr.trim()));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function presentOf(root: string, commit: string, paths: readonly string[]): Promise<readonly string[]> {
  const files = (await treeOf(root, commit, ''))?.files ?? [];
  return files.filter((file) => paths.some((path) => file === path || file.startsWith(`${path}/`)));
}

const notCheckedOut = (commit: string, reason: string): Failure => ({
  code: 'not-found',
  what: 'commit of a submodule',
  name: commit,
  available: [],
  next: `git does not have it here (${reason}): fetch it, or look in the clone where the run was made`,
});
