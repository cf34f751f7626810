import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { readRegularFile } from '../regular-file.js';
import { findRepository, type Repository } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { runGit } from './run-git.js';

/**
 * Refuses a `.refit` that git tracks: a clone or a pull would bring the registry of somebody else, which is trusted like one that
 * was made here. Asked in every command, since nothing in `.refit` itself could prove where it comes from. It costs the reading
 * of git's index; git is started only where the index may name such a file.
 */
export async function checkOwnRegistry(root: string, scratch: () => string): Promise<Result<void, Failure>> {
  if (lstatSync(join(root, '.refit'), { throwIfNoEntry: false }) === undefined) return ok(undefined);
  const repository = findRepository(root);
  const index = repository === undefined ? undefined : indexOf(repository);
  if (repository === undefined || index === undefined || !mayName(index)) return ok(undefined);
  const tracked = await trackedBelow(root, repository, scratch);
  if (tracked === undefined ? !namesIt(index) : tracked.length === 0) return ok(undefined);
  const [first = '.refit'] = tracked ?? [];
  return err({
    code: 'integrity',
    what: `${first} in ${root}`,
    expected: 'a .refit that was made here, which git does not track',
    found: 'it is in the index of git, so it may be the registry of whoever committed it',
    next: 'if it is not yours: git rm -rq .refit, and commit. If you made it here: git rm -rq --cached .refit, and commit',
  });
}

/** Whether git may track `.refit`, as far as can be told without starting git. */
export function mayTrackRegistry(root: string): boolean {
  const repository = findRepository(root);
  const index = repository === undefined ? undefined : indexOf(repository);
  return index !== undefined && mayName(index);
}

/** Larger ones are those of repositories with some ten million files. */
const MOST_BYTES = 1024 * 1024 * 1024;

function indexOf({ gitFolder }: Repository): Buffer | undefined {
  try {
    return readRegularFile(join(gitFolder, 'index'), MOST_BYTES);
  } catch {
    // Nothing is tracked yet; or it is no file or not readable, and whoever checked it out here was somebody else.
    return undefined;
  }
}

/** Some file systems take no notice of case. */
const namesIt = (index: Buffer): boolean => /\.refit/i.test(index.toString('latin1'));

/** Versions 2 and 3 hold whole paths. Version 4 leaves out what a path shares with the one before, and a split index refers to another. */
function mayName(index: Buffer): boolean {
  const isWhole = index.length > 12 && index.readUInt32BE(4) < 4 && !index.includes('link', 12, 'latin1');
  return !isWhole || namesIt(index);
}

/** The tracked paths at or below `.refit`; `undefined` if git does not tell. */
async function trackedBelow(
  root: string,
  repository: Repository,
  scratch: () => string,
): Promise<readonly string[] | undefined> {
  const env = await openGitFolder(repository, scratch());
  const listed = await runGit(['ls-files', '-z'], { use: 'reading', cwd: root, env });
  if (listed.exitCode !== 0) return undefined;
  return listed.stdout.split('\0').filter((path) => /^\.refit(?:\/|$)/i.test(path));
}
