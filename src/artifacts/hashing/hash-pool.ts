import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import { type FileHash, hashFile } from './hash-file.js';

interface SizedFile {
  readonly path: string;
  /** In bytes, as far as known. Work is divided by it. */
  readonly size: number;
}

/** Hashes files: a few in this thread, more on all cores. */
export interface HashPool {
  /**
   * One result for each file, in order. Pass the largest first, so that no core works on it alone at the end.
   * `hasOtherWork`: this thread is busy meanwhile.
   */
  readonly hash: (files: readonly SizedFile[], hasOtherWork?: boolean) => Promise<readonly FileHash[]>;
}

/** With less work than this, starting threads would cost more than it saves. */
const WORTH_THREADS_MS = 100;
/** The same limit if this thread can do other work meanwhile. */
const WORTH_BESIDE_MS = 20;
/** Work of one task: long compared with the cost of a message, short compared with waiting for the last core. */
const TASK_MS = 10;
const MS_PER_FILE = 0.012;
/** sha256 on one core, about 1 GB/s. */
const MS_PER_BYTE = 1e-6;
const MOST_THREADS = 8;
const IDLE_MS = 1000;

/**
 * Threads start when there is enough work (30 to 50 ms each), do not keep the process alive while idle, and end after a
 * second without work. If no thread can start, or one dies, this thread reads the rest.
 */
export function createHashPool(): HashPool {
  let pool: Promise<Tinypool> | undefined;
  const hashTask = async (paths: readonly string[]): Promise<readonly FileHash[]> => {
    pool ??= startPool();
    const threads = await pool;
    try {
      return await threads.run(paths);
    } catch {
      // If this was the only thread, queued tasks would wait for ever. Cancelled tasks end up here too.
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
  // The thread died before it got a task.
  pool.on('error', () => pool.cancelPendingTasks());
  return pool;
}

const costMs = (files: readonly SizedFile[]): number =>
  files.reduce((sum, { size }) => sum + MS_PER_FILE + size * MS_PER_BYTE, 0);

/** The paths in order, in groups of about equal work. */
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
