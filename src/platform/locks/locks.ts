import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../../domain/failure.js';
import type { PipelineName, RunId } from '../../domain/ids.js';
import type { Lock, Locks } from '../../domain/ports/platform.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { systemCode } from '../../domain/support/system-error.js';
import { onDisk } from '../../domain/support/world-failure.js';
import { isFileHeld, lockFile, shareFile } from './lock-file.js';
import { openStepLocks } from './step-locks.js';

const POLL_MS = 50;

interface Surrounding {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called before the waiting begins. */
  readonly beforeLock: () => void;
}

/** Transactions on tiny databases: the kernel frees them when the process dies, however it dies. */
export const createLocks = (root: string, surrounding: Surrounding): Locks => {
  const folder = join(root, '.refit', 'locks');
  const pathOf = (pipeline: PipelineName): string => join(folder, `${pipeline}.db`);
  /** Held by one who waits to hold the pipeline alone, so that runs that share it cannot keep it from its turn. */
  const nextOf = (pipeline: PipelineName): string => join(folder, 'next', `${pipeline}.db`);
  const runPathOf = (run: RunId): string => join(folder, 'runs', `${run}.db`);

  const take = createTake(surrounding);

  return {
    lockPipeline: async (pipeline, waitMs = 0) => {
      const path = pathOf(pipeline);
      const tryIt = (): ReturnType<typeof lockFile> => named(path, lockFile(path));
      if (waitMs === 0) return take(pipeline, { path, waitMs, tryIt });
      const next = await onDisk(async () => lockFile(nextOf(pipeline)));
      try {
        return await take(pipeline, { path, waitMs, tryIt });
      } finally {
        if (next.ok && next.value !== 'busy') next.value?.release();
      }
    },
    sharePipeline: (pipeline, waitMs = 0) => {
      const tryIt = (path: string): ReturnType<typeof lockFile> =>
        isFileHeld(nextOf(pipeline)) ? 'busy' : shareFile(path);
      return take(pipeline, { path: pathOf(pipeline), waitMs, tryIt });
    },
    lockRepair: (pipeline) =>
      take(pipeline, {
        path: join(folder, 'repair', `${pipeline}.db`),
        waitMs: Number.POSITIVE_INFINITY,
        tryIt: lockFile,
      }),
    lockRun: async (pipeline, run) => {
      const path = runPathOf(run);
      const lock = await take(pipeline, { path, waitMs: 0, tryIt: lockFile });
      return lock.ok ? ok({ release: () => released(lock.value, path) }) : lock;
    },
    isHeld: (pipeline) => isFileHeld(pathOf(pipeline)),
    isRunHeld: (run) => isFileHeld(runPathOf(run)),
    forgetRun: (run) => {
      // A killed SQLite leaves a journal too.
      for (const path of [runPathOf(run), `${runPathOf(run)}-journal`])
        unlessRefused(() => rmSync(path, { force: true }));
    },
    openSteps: async (pipeline, run) => {
      const path = join(folder, 'steps', `${pipeline}.db`);
      const isAlive = (other: RunId): boolean => isFileHeld(runPathOf(other));
      const opened = await onDisk(async () => openStepLocks(path, { run, isAlive }));
      if (opened.ok || !opened.error.code.startsWith('registry-')) return opened;
      return err({ code: 'file-unwritable', path, reason: NO_LOCK });
    },
  };
};

/** Tries to take a lock until it has it or `waitMs` are over. */
const createTake =
  ({ signal, beforeLock }: Surrounding) =>
  async (
    pipeline: PipelineName,
    { path, waitMs, tryIt }: { readonly path: string; readonly waitMs: number; readonly tryIt: typeof lockFile },
  ): Promise<Result<Lock, Failure>> => {
    beforeLock();
    for (const until = performance.now() + waitMs; ; ) {
      const tried = await onDisk(async () => tryIt(path));
      if (!tried.ok) return tried.error.code === 'registry-unusable' ? unusable(path, tried.error) : tried;
      const lock = tried.value;
      if (lock === undefined) return err({ code: 'file-unwritable', path, reason: NO_LOCK });
      if (lock !== 'busy') return ok(lock);
      const leftMs = until - performance.now();
      if (leftMs <= 0 || signal.aborted) return busy(pipeline, path);
      await delay(Math.min(POLL_MS, leftMs), undefined, { signal }).catch(() => undefined);
    }
  };

/** A run has its lock once. */
function released(lock: Lock, path: string): void {
  lock.release();
  unlessRefused(() => rmSync(path, { force: true }));
}

/** SQLite's words on the database of a lock, which is not the registry. */
const unusable = (path: string, { reason }: { readonly reason: string }): Result<never, Failure> =>
  err({ code: 'file-unwritable', path, reason });

const NO_LOCK = 'it is damaged, and holds nothing worth keeping: delete it when no refit runs here';

/** The lock with a file beside it that names its holder. */
function named(path: string, lock: ReturnType<typeof lockFile>): ReturnType<typeof lockFile> {
  if (lock === undefined || lock === 'busy') return lock;
  const holder = holderPath(path);
  unlessRefused(() => writeFileSync(holder, `process ${process.pid} on ${hostname()}`));
  return {
    release: () => {
      unlessRefused(() => rmSync(holder, { force: true }));
      lock.release();
    },
  };
}

/**
 * The file of the holder is only for the message of the one who finds the pipeline locked, and the lock is the transaction: a
 * disk that refuses the file hinders nobody.
 */
function unlessRefused(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

const holderPath = (path: string): string => `${path}.holder`;

function busy(pipeline: string, path: string): Result<never, Failure> {
  try {
    return err({ code: 'busy', pipeline, holder: readFileSync(holderPath(path), 'utf8') });
  } catch {
    return err({ code: 'busy', pipeline });
  }
}
