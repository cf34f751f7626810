import { isatty } from 'node:tty';
import type { Processes } from '../domain/ports/platform.js';

/** What is under way when a signal comes. */
export interface Interruptible {
  readonly processes: Pick<Processes, 'running' | 'killAll'>;
  /** Nothing is half done when it goes: it only reads. */
  readonly isReading: boolean;
  readonly say: (text: string) => void;
}

/** Between a signal and the same one again: from a person it is a second ^C, closer than that it is npm passing the first on. */
const SAME_SIGNAL_MS = 100;
/** For refit to write down that its steps were killed. */
const LAST_WORDS_MS = 1000;

/**
 * The first signal ends the steps in good order (TERM, grace, KILL); the second kills them at once, and refit goes when that
 * is recorded, at the latest after a second; the third does not even wait for that.
 */
export function watchSignals() {
  const controller = new AbortController();
  let work: Interruptible | undefined;
  let code: number | undefined;
  let count = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const on = (exitCode: number) => (): void => {
    if (performance.now() - lastMs < SAME_SIGNAL_MS) return;
    lastMs = performance.now();
    code ??= exitCode;
    count += 1;
    if (count === 1) {
      controller.abort();
      if (work === undefined || (work.isReading && work.processes.running() === 0)) process.exit(code);
      if (work.processes.running() > 0) work.say('ending the steps; the same signal again kills them at once');
    } else if (count === 2) {
      work?.processes.killAll();
      setTimeout(() => process.exit(exitCode), LAST_WORDS_MS).unref();
    } else process.exit(code);
  };
  const listeners = [
    ['SIGINT', on(130)],
    ['SIGTERM', on(143)],
    // the terminal was closed; without a terminal this is `nohup`, whose wish Node undoes when it starts
    ['SIGHUP', [0, 1, 2].some((fd) => isatty(fd)) ? on(143) : () => undefined],
  ] as const;
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    signal: controller.signal,
    /** From here on there is work to be ended in good order. */
    guard: (interruptible: Interruptible): void => {
      work = interruptible;
    },
    /** Of the signal that came first; `undefined` when none came. */
    exitCode: () => code,
    stop: (): void => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}
