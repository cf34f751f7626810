import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import { type FileHash, hashFile } from './hash-file.js';

interface SizedFile {
  readonly path: string;
  /** Bytes, as far as known: work is shared out by it. */
  readonly size: number;
}

/** Hashes files: a few at once in this thread, more on all cores. */
export interface HashPool {
  /**
   * One answer a file, in order. Give the largest first: no core is then left alone with it at the end. `hasOtherWork`: this
   * thread has something else to do meanwhile.
   */
  readonly hash: (files: readonly SizedFile[], hasOtherWork?: boolean) => Promise<readonly FileHash[]>;
}

/** Below this a thread's start would cost more than it saves. */
const WORTH_THREADS_MS = 100;
/** The same where this thread can do something else meanwhile. */
const WORTH_BESIDE_MS = 20;
/** Work of one task: long against what a message costs, short against what the last core waits for the others. */
const TASK_MS = 10;
const MS_PER_FILE = 0.012;
/** One core's sha256, about 1 GB/s. */
const MS_PER_BYTE = 1e-6;
const MOST_THREADS = 8;
const IDLE_MS = 1000;

/**
 * Threads start when there is enough to do (30 to 50 ms each), never keep the process alive while idle, and end after a
 * second without a task. Where none can start, or one dies, this thread reads what is missing.
 */
export function createHashPool(): HashPool {
  let pool: Promise<Tinypool> | undefined;
  const hashTask = async (paths: readonly string[]): Promise<readonly FileHash[]> => {
    pool ??= startPool();
    const threads = await pool;
    try {
      return await threads.run(paths);
    } catch {
      // Queued tasks would wait forever where this was the only thread. Cancelled, they come here as well.
      threads.cancelPendingTasks();
      return paths.map(hashFile);
    }
  };
  return {
    hash: async (files, hasOtherWork = false) => {
      const worthMs = hasOtherWork ? WORTH_BESIDE_MS : WORTH_THREADS_MS;
      if (costMs(files) <= worthMs) return files.map(({ path }) => hashFile(path));
      return (await Promise.all(tasksOf(files).map(hashTask))).flat();
    },
  };
}

async function startPool(): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({
    filename: new URL('./hash-worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: Math.min(availableParallelism(), MOST_THREADS),
    idleTimeout: IDLE_MS,
  });
  // A thread died before it had a task.
  pool.on('error', () => pool.cancelPendingTasks());
  return pool;
}

const costMs = (files: readonly SizedFile[]): number =>
  files.reduce((sum, { size }) => sum + MS_PER_FILE + size * MS_PER_BYTE, 0);

/** The paths, in order, in groups of about equal work. */
function tasksOf(files: readonly SizedFile[]): readonly (readonly string[])[] {
  const tasks: string[][] = [];
  let workMs = TASK_MS;
  for (const file of files) {
    if (workMs >= TASK_MS) {
      tasks.push([]);
      workMs = 0;
    }
    tasks.at(-1)?.push(file.path);
    workMs += costMs([file]);
  }
  return tasks;
}
