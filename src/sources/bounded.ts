/** A wait took longer than it may. */
export class TooLong extends Error {
  readonly afterMs: number;
  constructor(afterMs: number) {
    super(`no answer within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** The user ended refit while it waited. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}

/** Waits for an answer, until a time limit or the signal. `drop` then ends the work that was waited for. */
export async function bounded<T>(
  work: Promise<T>,
  { ms, signal, drop }: { readonly ms: number; readonly signal: AbortSignal; readonly drop: () => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLong(ms)), ms);
    stop = () => reject(new Interrupted());
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  // Dropped work may fail later. Its error is ignored.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    if (error instanceof TooLong || error instanceof Interrupted) drop();
    throw error;
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
