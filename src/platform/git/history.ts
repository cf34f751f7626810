import { join } from 'node:path';
import type { History } from '../../domain/ports/git.js';
import { findRepository, smallFile } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { runGit } from './run-git.js';

/** What git calls a revision; a leading `-` would be an option. Ranges and searches of messages are no single commit. */
const REVISION = /^(?!-)[^\s:?*[\\]+$/;

/** Commits of a revision by first parents, newest first: what a branch has been, without what was merged into it. */
export async function readHistory(
  root: string,
  { revision, limit }: { readonly revision: string; readonly limit: number },
  scratch: () => string,
): Promise<History> {
  const repository = findRepository(root);
  if (repository === undefined) return { problem: 'no-repository' };
  const isShallow = smallFile(join(repository.commonFolder, 'shallow')) !== undefined;
  const unknown: History = { problem: 'unknown-revision', isShallow };
  if (!REVISION.test(revision) || revision.includes('..')) return unknown;
  const env = await openGitFolder(repository, scratch());
  const ask = (args: readonly string[]) => runGit(args, { use: 'reading', cwd: root, env });
  // A job of CI often has the other branches only as those of its origin.
  for (const name of [revision, `origin/${revision}`]) {
    const parsed = await ask(['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    if (parsed.exitCode !== 0) continue;
    const listed = await ask(['rev-list', '--first-parent', `--max-count=${limit}`, parsed.stdout.trim(), '--']);
    if (listed.exitCode === 0) return { commits: listed.stdout.trim().split('\n'), isShallow };
  }
  return unknown;
}
