import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { CheckOut } from '../../domain/ports/git.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { applyPatch } from './apply-patch.js';
import { findRepository, findSubmodule } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { type GitUse, runGit } from './run-git.js';
import { type Copy, listTree, SUBMODULE, type TreeEntry } from './tree.js';
import { writeBlobs } from './write-blobs.js';

/** Submodules in submodules. */
const DEEPEST = 8;

/** Writes the workspace's part of a commit to a folder. Work tree and index of the repository are never touched. */
export async function checkOut(
  root: string,
  { commit, diffText, folder, paths }: CheckOut,
  { scratch, signal }: Pick<Copy, 'scratch' | 'signal'>,
): Promise<Result<void, Failure>> {
  const repository = findRepository(root);
  if (repository === undefined) return err(noCommit(commit));
  const target = join(root, folder);
  const copy = { root, repository, commit, target, paths, scratch, signal, use: useOf(paths), depth: 0 };
  const copied = await copyTree(copy);
  if (!copied.ok || diffText === undefined) return copied;
  return applyPatch({ target, below: repository.below, diffText, isPart: paths !== undefined, use: useOf(paths) });
}

/** Single files are wanted to be read; a whole checkout, to be run. */
const useOf = (paths: readonly string[] | undefined): GitUse => (paths === undefined ? 'run' : 'reading');

const noCommit = (commit: string): Failure => ({
  code: 'not-found',
  what: 'commit',
  name: commit,
  available: [],
  next: 'git does not have it here: fetch it, or look in the clone where the run was made',
});

async function copyTree(copy: Copy): Promise<Result<void, Failure>> {
  const env = await openGitFolder(copy.repository, copy.scratch(), copy.signal);
  const entries = await listTree({ ...copy, env });
  if (entries === undefined) return err(noCommit(copy.commit));
  await mkdir(copy.target, { recursive: true });
  const written = copy.use === 'reading' ? await writeBlobs(copy, env, entries) : await writeAll(copy, env);
  return written.ok ? copySubmodules(copy, entries) : written;
}

/** Through an index of its own, so that line ends, links and modes are as in a checkout. */
async function writeAll(
  { repository, commit, target, root, use, signal }: Copy,
  env: Readonly<Record<string, string>>,
): Promise<Result<void, Failure>> {
  const withIndex = { ...env, GIT_INDEX_FILE: join(env.GIT_DIR ?? '', 'index-of-copy') };
  const read = await runGit(['read-tree', `${commit}:${repository.below}`], { use, cwd: root, env: withIndex, signal });
  if (read.exitCode !== 0) return err(noCommit(commit));
  // the tree is the workspace's own part: seen from the workspace's folder, it would be looked for in another place
  const args = ['checkout-index', '-f', '-a', `--prefix=${target}/`];
  const made = await runGit(args, { use, cwd: repository.top, env: withIndex, signal });
  return made.exitCode === 0
    ? ok(undefined)
    : err({ code: 'file-unwritable', path: target, reason: made.stderr.trim() || 'git checkout-index failed' });
}

/** A submodule that is not here leaves its files out: whoever needs them says which ones are missing. */
async function copySubmodules(copy: Copy, entries: readonly TreeEntry[]): Promise<Result<void, Failure>> {
  if (copy.depth >= DEEPEST) return ok(undefined);
  for (const { mode, path, object } of entries) {
    if (mode !== SUBMODULE) continue;
    const root = join(copy.root, path);
    const repository = findSubmodule(root);
    if (repository === undefined) continue;
    const paths = copy.paths?.flatMap((one) => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1)] : []));
    if (paths?.length === 0) continue;
    const target = join(copy.target, path);
    const copied = await copyTree({ ...copy, root, repository, commit: object, target, paths, depth: copy.depth + 1 });
    if (!copied.ok && copied.error.code !== 'not-found') return copied;
  }
  return ok(undefined);
}
