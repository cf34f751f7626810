import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Processes, ProcessResult, ProcessSpec } from '../domain/ports/platform.js';
import type { ProcessIdentity, ProcessOutcome } from '../domain/run.js';

const DEFAULT_GRACE_MS = 10_000;
const TAIL_LINES = 20;

/** Subprocesses in process groups of their own, ended as a whole: TERM, grace, KILL. */
export const createProcesses = (): Processes => ({
  run: runProcess,
  self: () => identityOf(process.pid),
  isAlive,
  endOrphan,
});

async function runProcess(spec: ProcessSpec): Promise<ProcessResult> {
  const startedAt = performance.now();
  const lines = collectLines(spec);
  const end = (outcome: ProcessOutcome): ProcessResult => ({
    outcome,
    tail: lines.tail(),
    durationMs: performance.now() - startedAt,
  });
  if (spec.signal?.aborted) return end({ kind: 'cancelled' });
  const [file = '', ...args] = spec.argv;
  const child = execa(file, args, {
    cwd: spec.cwd,
    env: { ...spec.env },
    extendEnv: false,
    // a group of its own, so that it can be ended with everything it started
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const ending = watchForEnd(child, spec);
  if (child.pid !== undefined) spec.onStarted?.(identityOf(child.pid));
  lines.follow(child.stdout, 'stdout');
  lines.follow(child.stderr, 'stderr');
  const result = await child;
  ending.stop();
  await lines.close();
  if (child.pid === undefined) return end({ kind: 'not-started', reason: notStarted(result, file) });
  if (ending.reason() !== undefined) return end({ kind: ending.reason() ?? 'cancelled' });
  if (result.signal !== undefined) return end({ kind: 'signalled', signal: result.signal });
  return end({ kind: 'exited', exitCode: result.exitCode ?? 1 });
}

interface Refusal {
  readonly code?: string | undefined;
  readonly shortMessage?: string | undefined;
}

const notStarted = (result: Refusal, file: string): string =>
  result.code === 'ENOENT'
    ? `"${file}" was not found on the PATH`
    : result.code === 'EACCES'
      ? `"${file}" is not executable`
      : (result.shortMessage ?? 'it could not be started');

interface Leader {
  readonly pid?: number | undefined;
  readonly on: (event: 'exit', listener: () => void) => unknown;
}

/** Ends the group on time-out and cancellation, and what the leader left behind when it exits. */
function watchForEnd(child: Leader, spec: ProcessSpec) {
  const graceMs = spec.graceMs ?? DEFAULT_GRACE_MS;
  let reason: 'timed-out' | 'cancelled' | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  const endGroup = (): void => {
    signalGroup(child.pid, 'SIGTERM');
    killTimer ??= setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
  };
  const onAbort = (): void => {
    reason ??= 'cancelled';
    endGroup();
  };
  const timeout =
    spec.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          reason ??= 'timed-out';
          endGroup();
        }, spec.timeoutMs);
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  // a grandchild in the background would hold the pipes open, and the step with them
  child.on('exit', endGroup);
  return {
    reason: () => reason,
    stop: (): void => {
      clearTimeout(timeout);
      clearTimeout(killTimer);
      signalGroup(child.pid, 'SIGKILL');
      spec.signal?.removeEventListener('abort', onAbort);
    },
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended
  }
}

/** Splits both streams into lines, masks secrets, writes the log, keeps the tail. */
function collectLines(spec: ProcessSpec) {
  const log = openLog(spec.logPath);
  const tail: string[] = [];
  const masked = (spec.masked ?? []).filter((secret) => secret !== '');
  const take = (stream: 'stdout' | 'stderr', raw: string): void => {
    const line = masked.reduce((text, secret) => text.replaceAll(secret, '***'), raw);
    log?.write(`${line}\n`);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    spec.onLine?.(stream, line);
  };
  return {
    tail: () => [...tail],
    follow: (readable: Readable | null, stream: 'stdout' | 'stderr'): void => {
      let rest = '';
      readable?.setEncoding('utf8');
      readable?.on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) take(stream, part.replace(/\r$/, ''));
      });
      readable?.on('end', () => {
        if (rest !== '') take(stream, rest);
      });
    },
    close: () => new Promise<void>((resolve) => (log === undefined ? resolve() : log.end(() => resolve()))),
  };
}

function openLog(path: string | undefined): WriteStream | undefined {
  if (path === undefined) return undefined;
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path, { flags: 'w' });
}

/** A pid is used again by the kernel; with its start time and the boot it names one process for ever. */
function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? '', bootId: readFirst('/proc/sys/kernel/random/boot_id') ?? '' };
}

/** Fields of /proc/<pid>/stat from the third on; the second may hold spaces, so count from its closing bracket. */
function statFields(pid: number): readonly string[] | undefined {
  const text = readFirst(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

const startTimeOf = (pid: number): string | undefined => statFields(pid)?.[19];

function readFirst(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== '' && identity.bootId !== identityOf(identity.pid).bootId) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // a zombie has ended; only its parent, which may be gone for good, has not asked yet
  if (statFields(identity.pid)?.[0] === 'Z') return false;
  return identity.startTime === '' || startTimeOf(identity.pid) === identity.startTime;
}

async function endOrphan(identity: ProcessIdentity, runId: string): Promise<'ended' | 'gone'> {
  const isOurs = (): boolean =>
    isAlive(identity) &&
    (readFirst(`/proc/${identity.pid}/environ`) ?? '').split('\0').includes(`REFIT_RUN_ID=${runId}`);
  if (!isOurs()) return 'gone';
  signalGroup(identity.pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < DEFAULT_GRACE_MS && isAlive(identity); waitedMs += 50) await delay(50);
  signalGroup(identity.pid, 'SIGKILL');
  return 'ended';
}
