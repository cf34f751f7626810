import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RecordedCode } from '../../domain/ports/git.js';
import { instantOf } from '../../domain/support/time.js';
import { findRepository } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { gitProblem, waitsFor } from './git-problem.js';
import { isPipe, READ_BY_GIT } from './pipe-in-tree.js';
import { runGit } from './run-git.js';

const NO_GIT: RecordedCode = { isDirty: false, untracked: [] };
/** Submodules in submodules. */
const DEEPEST = 8;

/** Stores the names of untracked files, not their content: inputs are hashed anyway. */
export async function readCodeVersion(
  root: string,
  { scratch, signal }: Pick<Asked, 'scratch' | 'signal'>,
): Promise<RecordedCode> {
  const repository = findRepository(root);
  if (repository === undefined) return NO_GIT;
  const pipe = pipeIn(repository.top, root);
  if (pipe !== undefined)
    return {
      ...NO_GIT,
      problem: gitProblem(waitsFor(pipe), root),
    };
  const env = await openGitFolder(repository, scratch(), signal);
  const run = (args: readonly string[]) => runGit(args, { use: 'run', cwd: root, env, signal });
  const ask = async (args: readonly string[]): Promise<string | undefined> => {
    const done = await run(args);
    return done.exitCode === 0 ? done.stdout : undefined;
  };
  const [head, listed, hasDirtyModule] = await Promise.all([
    run(['log', '-1', '--no-show-signature', '--format=%H%n%ct%n%D']),
    run([...STATUS, '--untracked-files=all', '--', '.']),
    isAnySubmoduleDirty(root, { env, scratch, signal, depth: 0 }),
  ]);
  if (head.exitCode !== 0) return { ...NO_GIT, problem: gitProblem(head.stderr, root) };
  const [commit = '', committedSeconds = '', names = ''] = head.stdout.trimEnd().split('\n');
  if (listed.exitCode !== 0) return { ...NO_GIT, problem: gitProblem(listed.stderr, root) };
  const entries = listed.stdout.split('\0').filter((entry) => entry !== '');
  const untracked = entries.filter((entry) => entry.startsWith('?? ')).map((entry) => entry.slice(3));
  const isChanged = entries.some((entry) => !entry.startsWith('?? '));
  return {
    commit,
    committedAt: instantOf(Number(committedSeconds) * 1000),
    branch: /HEAD -> ([^,]+)/.exec(names)?.[1],
    isDirty: isChanged || hasDirtyModule,
    untracked: untracked.slice(0, 1000),
    diffText: isChanged ? await ask(DIFF) : undefined,
  };
}

/** The first file on the way to the workspace that git could not read to its end. Deeper ones are found where git waits. */
function pipeIn(top: string, root: string): string | undefined {
  for (let folder = realpathSync(root); ; folder = dirname(folder)) {
    const found = READ_BY_GIT.map((name) => join(folder, name)).find(isPipe);
    if (found !== undefined || folder === top || folder === dirname(folder)) return found;
  }
}

/** git would start itself in each submodule, with the settings of the submodule: they are asked one by one instead. */
const STATUS = ['status', '--porcelain=v1', '-z', '--no-renames', '--ignore-submodules=dirty'];

const DIFF = [
  'diff',
  'HEAD',
  '--binary',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-renames',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  '--ignore-submodules=dirty',
];

interface Asked {
  readonly env: Readonly<Record<string, string>>;
  readonly scratch: () => string;
  readonly signal: AbortSignal;
  readonly depth: number;
}

async function isAnySubmoduleDirty(folder: string, { env, depth, ...asked }: Asked): Promise<boolean> {
  if (depth > DEEPEST || !existsSync(join(env.GIT_WORK_TREE ?? folder, '.gitmodules'))) return false;
  const listed = await runGit(['ls-files', '--stage', '-z'], {
    use: 'run',
    cwd: folder,
    env,
    signal: asked.signal,
  });
  const paths = listed.stdout.split('\0').flatMap((entry) => /^160000 [^\t]*\t(.+)$/s.exec(entry)?.[1] ?? []);
  for (const path of paths) if (await isSubmoduleDirty(join(folder, path), { ...asked, depth: depth + 1 })) return true;
  return false;
}

async function isSubmoduleDirty(folder: string, asked: Omit<Asked, 'env'>): Promise<boolean> {
  const repository = existsSync(join(folder, '.git')) ? findRepository(folder) : undefined;
  if (repository === undefined) return false;
  const { scratch, signal } = asked;
  const env = await openGitFolder(repository, scratch(), signal);
  const status = await runGit([...STATUS, '--untracked-files=normal'], { use: 'run', cwd: folder, env, signal });
  return status.stdout !== '' || isAnySubmoduleDirty(folder, { ...asked, env });
}
