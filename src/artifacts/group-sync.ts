import { type Sync, syncFile } from '../platform/durable-files.js';

/** What nobody waits for is forced to disk with what comes in meanwhile. */
const SOON_MS = 100;
/** Descriptors that are open for it at most. */
const MOST_WAITING = 128;

export interface GroupSync {
  readonly soon: Sync;
  /** Those that wait for company go now. */
  readonly flush: () => void;
}

/**
 * Forces files to disk many at a time. While a file system commits its journal, whoever makes a file waits: a steady
 * trickle of fsyncs holds up every step that starts, a burst now and then does not.
 */
export function createGroupSync(): GroupSync {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const group = waiting;
    waiting = [];
    for (const go of group) go();
  };
  return {
    soon: (file) =>
      new Promise((resolve, reject) => {
        waiting.push(() => void syncFile(file).then(resolve, reject));
        if (waiting.length >= MOST_WAITING) flush();
        else timer ??= setTimeout(flush, SOON_MS);
      }),
    flush,
  };
}
