import { Interrupted, TooLong } from './bounded.js';

/**
 * Waits for work that reports its progress, until there is no progress for a time limit, or until the signal. `drop` then
 * ends the work.
 */
export async function whileMoving<T>(
  start: (moved: () => void) => Promise<T>,
  { ms, signal, drop }: { readonly ms: number; readonly signal: AbortSignal; readonly drop: () => void },
): Promise<T> {
  let end: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = (error) => {
      drop();
      reject(error);
    };
  });
  // It is awaited below, unless the work fails before that.
  ended.catch(() => undefined);
  const timer = setTimeout(() => end(new TooLong(ms)), ms);
  const stop = (): void => end(new Interrupted());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const work = start(() => void timer.refresh());
  // Dropped work may fail later. Its error is ignored.
  work.catch(() => undefined);
  try {
    return await Promise.race([ended, work]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
