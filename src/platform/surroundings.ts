import { existsSync, realpathSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Surroundings } from '../domain/ports/platform.js';
import { instantOf } from '../domain/support/time.js';
import { gitProblem } from './git-problem.js';
import { capture } from './processes/capture.js';
import type { Secrets } from './secrets.js';

/** Code version by git, machine and tool versions, actor, environment. */
export const createSurroundings = (
  root: string,
  binFolder: string,
  {
    versions,
    secrets,
  }: {
    /** Of refit's own parts. */
    readonly versions: Readonly<Record<string, string>>;
    readonly secrets: () => Secrets;
  },
): Surroundings => ({
  binFolder,
  codeVersion: () => readCodeVersion(root),
  environment: async (programs) => ({
    host: hostname(),
    platform: `${process.platform}-${process.arch}`,
    tools: { ...versions, node: process.versions.node, ...(await versionsOf(programs)) },
  }),
  platform: () => `${process.platform}-${process.arch}`,
  actor: () => process.env.REFIT_ACTOR ?? process.env.GITHUB_ACTOR ?? userName(),
  variables,
  env: once(() => without(variables(), (name) => secrets().names.has(name))),
  publicEnv: once(() => without(variables(), (name) => secrets().isCredential(name))),
  masked: () => secrets().words,
  mask: (text) => secrets().mask(text),
});

type Env = Readonly<Record<string, string>>;

/** Read once: `process.env` asks the system for every variable, and it does not change while a command runs. */
const variables = once(
  (): Env =>
    Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
);

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const without = (env: Env, isLeftOut: (name: string) => boolean): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)));

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  const result = await capture('git', args, { cwd: root });
  return result.exitCode === 0 ? result.stdout : undefined;
}

/** Looks for `.git` in the parent folders as git does, so that git is not started where there is no repository. */
function mayBeRepository(root: string): boolean {
  if (process.env.GIT_DIR !== undefined || existsSync(join(root, '.git'))) return true;
  const parent = dirname(root);
  return parent !== root && mayBeRepository(parent);
}

/** Stores the names of untracked files, not their content: inputs are hashed anyway. */
async function readCodeVersion(root: string) {
  if (!mayBeRepository(realpathSync(root))) return { isDirty: false, untracked: [] };
  const [head, status = ''] = await Promise.all([
    capture('git', ['log', '-1', '--format=%H%n%ct%n%D'], { cwd: root }),
    git(root, ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--', '.']),
  ]);
  if (head.exitCode !== 0) return { isDirty: false, untracked: [], problem: gitProblem(head.stderr, root) };
  const [commit = '', committedSeconds = '', names = ''] = head.stdout.trimEnd().split('\n');
  const entries = status.split('\0').filter((entry) => entry !== '');
  const untracked = entries.filter((entry) => entry.startsWith('?? ')).map((entry) => entry.slice(3));
  const isDirty = entries.some((entry) => !entry.startsWith('?? '));
  const diffText = isDirty ? await git(root, ['diff', 'HEAD', '--binary', '--submodule=diff']) : undefined;
  const branch = /HEAD -> ([^,]+)/.exec(names)?.[1];
  return {
    commit,
    committedAt: instantOf(Number(committedSeconds) * 1000),
    branch,
    isDirty,
    untracked: untracked.slice(0, 1000),
    diffText,
  };
}

async function versionsOf(programs: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const asked = await Promise.all(
    programs.map(async (program) => {
      const result = await capture(program, ['--version'], { timeoutMs: 5000 });
      const version = /\d+(\.\d+)+\S*/.exec(result.stdout + result.stderr)?.[0];
      return result.exitCode === 0 && version !== undefined ? [[program, version] as const] : [];
    }),
  );
  return Object.fromEntries(asked.flat());
}
