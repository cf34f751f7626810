import { utimesSync } from 'node:fs';
import type { StoreSide } from './store-side.js';

/** How often a job asks the store whether it is still wanted. */
const LOOK_MS = 3000;

export type Told = ReturnType<typeof whenTold>;

/** Who told a job to end. `scratch`: the folder of the job, which is marked as in use. */
export function whenTold(side: Pick<StoreSide, 'word'>, scratch: string) {
  const any = new AbortController();
  const unwanted = new AbortController();
  let byEngineAtMs: number | undefined;
  let wasBlind = false;
  let isAsking = false;
  const onSignal = (): void => {
    byEngineAtMs ??= performance.now();
    any.abort();
  };
  const askStore = async (): Promise<void> => {
    isAsking = true;
    const word = await side.word();
    isAsking = false;
    wasBlind ||= word === 'unknown';
    if (word !== 'unwanted') return;
    unwanted.abort();
    any.abort();
  };
  const timer = setInterval(() => {
    touch(scratch);
    if (!isAsking) void askStore();
  }, LOOK_MS);
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    /** Aborts on a signal of the engine, when refit has cancelled the job, and when another copy of it has started. */
    signal: any.signal,
    /** Aborts when refit no longer waits for the job. */
    unwanted: unwanted.signal,
    /** By `performance.now`. The engine kills the job soon after that. */
    byEngineAtMs: (): number | undefined => byEngineAtMs,
    /** At some time the store could not be reached. */
    wasBlind: (): boolean => wasBlind,
    stop: (): void => {
      clearInterval(timer);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

function touch(folder: string): void {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // The command may have made it read-only, or removed it.
  }
}
