/** Lets so many works go on at a time; the others wait. One whose signal aborts while it waits is not begun. */
export interface Turns {
  <T>(work: () => Promise<T>): Promise<T>;
  (work: () => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** At most `most` works go on at a time. Waiting ones begin in the order in which they asked. */
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
