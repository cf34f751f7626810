import type { DuckDBConnection } from '@duckdb/node-api';

/** What stops a statement. */
export interface QueryLimits {
  /** The command is to end. */
  readonly signal?: AbortSignal;
  /** How long SQL of a pipeline file may take; without end if absent. */
  readonly userSqlMs?: number;
  /** Is told when a statement begins and ends. One that cannot be stopped never ends. */
  readonly queries?: { readonly began: () => void; readonly ended: () => void };
}

/** Thrown where DuckDB was told to stop. */
export class TooSlow extends Error {
  readonly limitMs: number;
  constructor(limitMs: number) {
    super(`stopped after ${limitMs} ms`);
    this.limitMs = limitMs;
  }
}

/** DuckDB stops between two batches of rows; one call of a function on a huge list is not waited for. */
const GRACE_MS = 2000;

/** A statement of this process that could not be stopped: DuckDB would wait for it before the next one. */
export interface Stuck {
  error?: Error;
}

interface Limits extends Pick<QueryLimits, 'signal' | 'queries'> {
  readonly ms: number | undefined;
  readonly stuck: Stuck;
}

/** Interrupts what the connection runs when the time is over or the command is to end. */
export async function untilStopped<T>(
  connection: DuckDBConnection,
  { signal, ms, stuck, queries }: Limits,
  work: () => Promise<T>,
): Promise<T> {
  if (stuck.error !== undefined) throw stuck.error;
  const timers: NodeJS.Timeout[] = [];
  let giveUp = (_: Error): void => undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = (error) => {
      stuck.error = error;
      reject(error);
    };
  });
  const stopFor = (error: Error): void => {
    connection.interrupt();
    timers.push(setTimeout(giveUp, GRACE_MS, error));
  };
  const stop = (): void => stopFor(new Error('interrupted'));
  signal?.addEventListener('abort', stop, { once: true });
  if (ms !== undefined) timers.push(setTimeout(() => stopFor(new TooSlow(ms)), ms));
  try {
    return await Promise.race([counted(work, queries), late]);
  } catch (error) {
    const isStopped = error instanceof Error && /^INTERRUPT Error/.test(error.message) && signal?.aborted !== true;
    throw isStopped && ms !== undefined ? new TooSlow(ms) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function counted<T>(work: () => Promise<T>, queries: QueryLimits['queries']): Promise<T> {
  queries?.began();
  try {
    return await work();
  } finally {
    queries?.ended();
  }
}
