/** Runs work when it is its turn. Work whose signal aborts while it waits is not started. */
export interface Turns {
  <T>(work: () => Promise<T>): Promise<T>;
  (work: () => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** At most `most` pieces of work run at a time. The others wait and start in the order of their calls. */
export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  const take = (signal: AbortSignal | undefined): Promise<boolean> =>
    new Promise((resolve) => {
      if (running < most) {
        running++;
        return resolve(true);
      }
      const turn = (): void => resolve(true);
      waiting.push(turn);
      signal?.addEventListener('abort', () => {
        const at = waiting.indexOf(turn);
        if (at < 0) return;
        waiting.splice(at, 1);
        resolve(false);
      });
    });
  const next = (): void => {
    const first = waiting.shift();
    if (first === undefined) running--;
    else first();
  };
  return (async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> =>
    (await take(signal)) ? work().finally(next) : undefined) as Turns;
}
