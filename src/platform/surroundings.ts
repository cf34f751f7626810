import { execFile } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import type { Surroundings } from '../domain/ports/platform.js';
import { instantOf } from '../domain/time.js';

/** Code version by git, machine and tool versions, actor, environment. `versions`: those of refit's own parts. */
export const createSurroundings = (
  root: string,
  binFolder: string,
  versions: Readonly<Record<string, string>>,
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
  env: inheritedOnce(),
});

/** Reading `process.env` asks the system for every name; it does not change while a command runs. */
function inheritedOnce(): Surroundings['env'] {
  let inherited: Readonly<Record<string, string>> | undefined;
  return () => {
    inherited ??= Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    return inherited;
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

interface Answered {
  /** `undefined`: it could not be started, was ended, or said more than can be held. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** A question to a short-lived program; not a step, and so without a group, a log or a library to load. */
const ask = (program: string, args: readonly string[], options: { readonly cwd?: string; readonly timeout?: number }) =>
  new Promise<Answered>((resolve) => {
    const child = execFile(program, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ exitCode, output: stdout === '' ? stderr : stdout });
    });
    child.stdin?.end();
  });

async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, output } = await ask('git', args, { cwd: root });
  return exitCode === 0 ? output : undefined;
}

/** Untracked files are named, their content is not kept: inputs are hashed anyway. */
async function readCodeVersion(root: string) {
  const [head, status = ''] = await Promise.all([
    git(root, ['log', '-1', '--format=%H%n%ct%n%D']),
    git(root, ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--', '.']),
  ]);
  if (head === undefined) return { isDirty: false, untracked: [] };
  const [commit = '', committedSeconds = '', names = ''] = head.trimEnd().split('\n');
  const entries = status.split('\0').filter((entry) => entry !== '');
  const untracked = entries.filter((entry) => entry.startsWith('?? ')).map((entry) => entry.slice(3));
  const isDirty = entries.some((entry) => !entry.startsWith('?? '));
  const diffText = isDirty ? await git(root, ['diff', 'HEAD', '--binary']) : undefined;
  const branch = /HEAD -> ([^,]+)/.exec(names)?.[1];
  return {
    commit,
    committedAt: instantOf(Number(committedSeconds) * 1000),
    ...(branch === undefined ? {} : { branch }),
    isDirty,
    untracked: untracked.slice(0, 1000),
    ...(diffText === undefined ? {} : { diffText }),
  };
}

async function versionsOf(programs: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const asked = await Promise.all(
    programs.map(async (program) => {
      const { exitCode, output } = await ask(program, ['--version'], { timeout: 5000 });
      const version = /\d+(\.\d+)+\S*/.exec(output)?.[0];
      return exitCode === 0 && version !== undefined ? [[program, version] as const] : [];
    }),
  );
  return Object.fromEntries(asked.flat());
}
