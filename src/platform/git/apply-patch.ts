import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type GitUse, runGit } from './run-git.js';

interface Patch {
  readonly target: string;
  /** Path of the workspace from the top of the repository, with a slash at its end. */
  readonly below: string;
  /** What `git diff` printed. */
  readonly diffText: string;
  /** Only some files are there: hunks of the others are left out. */
  readonly isPart: boolean;
  readonly use: GitUse;
}

/** git refuses paths that lead out of the folder, also through a link. It sees no repository and no attributes. */
export async function applyPatch({ target, below, diffText, isPart, use }: Patch): Promise<Result<void, Failure>> {
  const depth = below.split('/').length - 1;
  const args = ['apply', '--binary', '--whitespace=nowarn', `-p${1 + depth}`];
  // it must not see the repository around it: paths would be taken from its root
  const call = { use, cwd: target, input: diffText, env: { GIT_CEILING_DIRECTORIES: join(target, '..') } };
  const names = await runGit([...args, '--numstat', '-z', '-'], call);
  const touched = names.stdout.split('\0').flatMap((line) => line.split('\t')[2] ?? []);
  const moved = new Set(submodulesIn(diffText, below));
  const only = touched.filter((file) => !moved.has(file) && (!isPart || existsSync(join(target, file))));
  if (only.length === 0) return ok(undefined);
  const done = await runGit([...args, ...only.map((file) => `--include=${file}`), '-'], call);
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

/** A submodule at another commit is no file that could be patched. */
const submodulesIn = (diffText: string, below: string): readonly string[] =>
  [...diffText.matchAll(/^diff --git a\/(.+) b\/\1\n(?:(?!diff --git).*\n){0,3}?index \S+ 160000$/gm)].map(
    ([, path = '']) => (path.startsWith(below) ? path.slice(below.length) : path),
  );
