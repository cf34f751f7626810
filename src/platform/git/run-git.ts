import { devNull } from 'node:os';
import { capture } from '../processes/capture.js';
import type { Captured, CaptureOptions } from '../processes/child.js';
import { waitsFor } from './git-problem.js';
import { pipeBelow } from './pipe-in-tree.js';

/**
 * Who asks. `reading`: a command that only reads starts nothing but git, so the settings of the user and of the system are left
 * out too. `run`: the user runs the pipeline, and git may use filters that the user's own settings name, such as Git LFS.
 */
export type GitUse = 'reading' | 'run';

export interface GitCall extends Pick<CaptureOptions, 'cwd' | 'env' | 'input' | 'isBinary' | 'signal'> {
  readonly use: GitUse;
}

/** Every setting by which git starts a program or opens a connection. `submodule.recurse` would read settings of a submodule. */
const SETTINGS = [
  'core.fsmonitor=false',
  `core.hooksPath=${devNull}`,
  'core.sshCommand=false',
  'core.askPass=',
  'core.pager=cat',
  'core.editor=false',
  'core.alternateRefsCommand=false',
  'credential.helper=',
  'diff.autoRefreshIndex=false',
  'gpg.program=false',
  'gpg.ssh.program=false',
  'log.showSignature=false',
  'protocol.allow=never',
  'safe.bareRepository=explicit',
  'submodule.recurse=false',
  'filter.lfs.required=false',
  // a `.lfsconfig` of the clone could name a server
  'lfs.url=file:///dev/null',
];

const FLAGS = ['--no-pager', '--no-optional-locks', '--no-replace-objects', '--literal-pathspecs'];

/** Variables that would point git at another repository or make it start a program. */
const UNSET = [
  'GIT_DIR',
  'GIT_COMMON_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_CONFIG',
  'GIT_EXTERNAL_DIFF',
  'GIT_PROXY_COMMAND',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
];

const FIXED = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_LFS_SKIP_DOWNLOAD_ERRORS: '1',
};

const NO_SETTINGS_OF_OTHERS = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '0',
  GIT_CONFIG_PARAMETERS: undefined,
};

/** A repository may hold pipes in the place of files, which git waits for without end. Filters of a run may take longer. */
const MOST_MS: Readonly<Record<GitUse, number>> = { reading: 30_000, run: 120_000 };

/** The only place that starts git. `env` names the repository, always one of `openGitFolder`; without it git sees none. */
export async function runGit(args: readonly string[], { use, env, signal, ...call }: GitCall): Promise<Captured> {
  const isInterrupted = (): boolean => signal?.aborted === true;
  if (isInterrupted()) return INTERRUPTED;
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const startedMs = performance.now();
  const watch = watchForPipes(env?.GIT_WORK_TREE, signal);
  const done = await capture('git', [...FLAGS, ...settings, ...args], {
    ...call,
    signal: watch.signal,
    timeoutMs: MOST_MS[use],
    env: {
      ...Object.fromEntries(UNSET.map((name) => [name, undefined])),
      ...FIXED,
      ...(use === 'reading' ? NO_SETTINGS_OF_OTHERS : {}),
      ...env,
    },
  });
  const pipe = watch.stop();
  if (isInterrupted()) return INTERRUPTED;
  if (pipe !== undefined) return { ...done, exitCode: undefined, stderr: waitsFor(pipe) };
  const isLate = done.exitCode === undefined && performance.now() - startedMs >= MOST_MS[use];
  return isLate ? { ...done, stderr: `git gave no answer within ${MOST_MS[use] / 1000} s` } : done;
}

const INTERRUPTED: Captured = { stdout: '', stderr: 'interrupted' };

/** git has answered by then, or it has much to read, or it waits for a pipe. */
const PATIENCE_MS = 3000;

/**
 * Searches a work tree for a pipe in the place of a file that git reads in every folder, once git takes long. Ends git if there is
 * one, and when `signal` aborts.
 */
function watchForPipes(top: string | undefined, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let found: string | undefined;
  const search = async (folder: string): Promise<void> => {
    found = await pipeBelow(folder);
    if (found !== undefined) controller.abort();
  };
  const timer = top === undefined ? undefined : setTimeout(() => void search(top), PATIENCE_MS);
  return {
    signal: controller.signal,
    /** The pipe that git was ended for. */
    stop: (): string | undefined => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      return controller.signal.aborted ? found : undefined;
    },
  };
}
