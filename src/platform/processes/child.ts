import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { execa } from 'execa';
import type { ProcessOutcome } from '../../domain/runs/run.js';

/** The only file that starts processes. Import it lazily: execa is large. */

export interface ChildRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Receives stdout and stderr. One descriptor for both keeps their order, lets a command open `/dev/stderr`, and keeps the
   * command alive when refit is killed. Execa's own pipes and file targets do none of this.
   */
  readonly fd: number;
}

export interface Child {
  readonly pid: number;
  readonly exit: Promise<ProcessOutcome>;
}

/**
 * Starts a process as leader of a session and group of its own. Resolves to the reason when it could not be started. The
 * process has its own copy of `fd` as soon as the call returns, before the promise resolves.
 */
export async function startChild({ argv, cwd, env, fd }: ChildRequest): Promise<Child | string> {
  const [file = '', ...args] = argv;
  // execa takes any descriptor, its types only those up to 9
  const output = fd as 9;
  try {
    requireFreeDescriptors(FOR_A_CHILD);
    // detached: the group can be ended as a whole, and the terminal's ^C reaches only refit
    const child = execa(file, args, {
      cwd,
      env,
      extendEnv: false,
      detached: true,
      stdio: ['ignore', output, output],
      reject: false,
    });
    return child.pid === undefined ? notStarted(await child, file) : { pid: child.pid, exit: child.then(outcomeOf) };
  } catch (error) {
    // execa throws in spite of `reject: false`, for example when an argument holds a NUL
    return notStarted(error, file);
  }
}

/** Starting a process takes two descriptors; refit itself needs some to go on. */
const FOR_A_CHILD = 4;
/** Two for each of up to three pipes. */
const FOR_ITS_PIPES = 6;

/**
 * Throws EMFILE when fewer descriptors are free. Execa would throw without returning the child, whose `error` event would
 * then crash refit because nobody could listen to it.
 */
function requireFreeDescriptors(count: number): void {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(devNull, 'r'));
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

const outcomeOf = ({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): ProcessOutcome =>
  signal === undefined ? { kind: 'exited', exitCode: exitCode ?? 1 } : { kind: 'signalled', signal };

export interface Captured {
  /** `undefined`: it could not be started, was ended by a signal, took too long or printed too much. */
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CaptureOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Added to refit's own environment; `undefined` removes a variable from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the program reads from its standard input, which is closed otherwise. */
  readonly input?: string | Uint8Array;
  /** Each byte becomes one character of what is returned (Latin-1). */
  readonly isBinary?: boolean;
  /** Ends the program like the time limit. */
  readonly signal?: AbortSignal;
}

const MAX_OUTPUT_CHARACTERS = 64 * 1024 * 1024;

/** Runs a short program to its end and returns what it printed: for git and `--version`, not for steps. */
export async function capture(
  file: string,
  args: readonly string[],
  { cwd, timeoutMs, env, input, signal, isBinary = false }: CaptureOptions = {},
): Promise<Captured> {
  try {
    requireFreeDescriptors(FOR_A_CHILD + FOR_ITS_PIPES);
    const child = execa(file, args, {
      cwd,
      env,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      encoding: isBinary ? 'latin1' : 'utf8',
      detached: true,
      stripFinalNewline: false,
      maxBuffer: MAX_OUTPUT_CHARACTERS,
      reject: false,
    });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => giveUp(child), timeoutMs);
    const stop = (): void => giveUp(child);
    signal?.addEventListener('abort', stop, { once: true });
    const done = await child;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    const { exitCode, stdout } = done;
    return { stdout, stderr: done.code === undefined ? done.stderr : notStarted(done, file), exitCode };
  } catch (error) {
    return { stdout: '', stderr: notStarted(error, file) };
  }
}

interface Abandonable {
  readonly pid?: number;
  readonly stdout: { readonly destroy: () => unknown };
  readonly stderr: { readonly destroy: () => unknown };
}

/** Execa's own `timeout` ends only the leader, and waits for every process that holds the output open. */
function giveUp({ pid, stdout, stderr }: Abandonable): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // the group has ended
  }
  stdout.destroy();
  stderr.destroy();
}

/** Why a process could not be started. `error`: what execa threw or resolved to. */
function notStarted(error: unknown, file: string): string {
  const { code, originalMessage, message } = error as {
    readonly code?: string;
    readonly originalMessage?: string;
    readonly message?: string;
  };
  switch (code) {
    case 'ENOENT':
      return `"${file}" was not found on the PATH`;
    case 'EACCES':
      return `"${file}" is not executable`;
    case 'E2BIG':
      return 'its command and environment are too long for the system; hand over a folder or a list file';
    case 'EAGAIN':
      return 'the system allows no more processes';
    case 'EMFILE':
    case 'ENFILE':
      return 'no file descriptor is free; raise the limit (ulimit -n) or run fewer steps at a time (--jobs)';
    default:
      return originalMessage ?? message ?? String(error);
  }
}
