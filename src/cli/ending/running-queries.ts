/**
 * Queries that DuckDB works on. One call of a function on a huge list cannot be stopped, and Node waits at its end for the thread
 * that makes it, perhaps for hours.
 */
let running = 0;
let whenNone: (() => void) | undefined;
let isAbandoned = false;

export const queries = {
  began: (): void => void running++,
  ended: (): void => {
    running--;
    if (running === 0) whenNone?.();
  },
  /** Something else that cannot be stopped is no longer waited for: it may not keep the process alive. */
  abandon: (): void => {
    isAbandoned = true;
  },
};

/** Most of them end soon after they were interrupted, and then the exit code is that of the command. */
const PATIENCE_MS = 10_000;

const noneRunning = (): Promise<void> =>
  new Promise((done) => {
    whenNone = done;
    setTimeout(done, PATIENCE_MS);
  });

const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = { 130: 'SIGINT', 143: 'SIGTERM' };

/**
 * Ends the process with this exit code. Where a query is still running only a signal does: that of the code, or SIGKILL, which
 * shells show as 137.
 */
export function leave(code: number): never {
  if (running > 0) {
    const signal = SIGNALS[code] ?? 'SIGKILL';
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code);
}

/** Ends a process whose command has answered, if a query goes on for long or something was abandoned. What was printed has arrived before. */
export async function leaveQueries(): Promise<void> {
  if (running === 0 && !isAbandoned) return;
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((done) => stream.write('', () => done()));
  if (running > 0) await noneRunning();
  leave(Number(process.exitCode ?? 0));
}
