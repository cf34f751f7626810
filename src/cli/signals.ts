import { isatty } from 'node:tty';
import type { Processes } from '../domain/ports/platform.js';
import { leave } from './ending/running-queries.js';

/** The work that a signal interrupts. */
export interface Interruptible {
  readonly processes: Pick<Processes, 'running' | 'killAll'>;
  /** A command that only reads can exit at once. */
  readonly isReading: boolean;
  readonly warn: (text: string) => void;
}

/**
 * Two signals closer together than this are one: npm passes ^C on, so it arrives twice. A person's second ^C comes
 * later.
 */
const SAME_SIGNAL_MS = 100;
/** Time for refit to record that its steps were killed. */
const LAST_WORDS_MS = 1000;

/**
 * The first signal ends the steps in order (TERM, grace period, KILL). The second kills them at once, and refit exits
 * when that is recorded, at the latest after one second. The third exits immediately.
 *
 * Signals are watched only from `watch` on, when there is something to end in order. Before that they end refit as they end any
 * program, also while it computes: Node calls no listener then.
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
      if (work === undefined || (work.isReading && work.processes.running() === 0)) leave(code);
      if (work.processes.running() > 0) work.warn('ending the steps; the same signal again kills them at once');
    } else if (count === 2) {
      work?.processes.killAll();
      setTimeout(() => leave(exitCode), LAST_WORDS_MS).unref();
    } else leave(code);
  };
  const listeners = [
    ['SIGINT', on(130)],
    ['SIGTERM', on(143)],
    // SIGHUP means that the terminal was closed. Without a terminal refit runs under `nohup`, whose ignoring of SIGHUP
    // Node resets at start, so refit ignores it itself.
    ['SIGHUP', [0, 1, 2].some((fd) => isatty(fd)) ? on(143) : () => undefined],
  ] as const;
  let isWatching = false;
  let held = 0;
  const listen = (): void => {
    for (const [signal, listener] of listeners) if (signal !== 'SIGHUP') process.on(signal, listener);
  };
  const unlisten = (): void => {
    for (const [signal, listener] of listeners) if (signal !== 'SIGHUP') process.off(signal, listener);
  };
  // A command that outlives its terminal must do so from the start.
  const [, , hangUp] = listeners;
  process.on(...hangUp);
  return {
    watch: (): void => {
      if (!isWatching && held === 0) listen();
      isWatching = true;
    },
    /** Watches until the returned function is called, while something waits that heeds the signal. */
    hold: (): (() => void) => {
      if (!isWatching && held === 0) listen();
      held++;
      return () => {
        held--;
        if (!isWatching && held === 0 && code === undefined) unlisten();
      };
    },
    signal: controller.signal,
    /** Registers the work that a signal must end in order. */
    guard: (interruptible: Interruptible): void => {
      work = interruptible;
    },
    /** Exit code of the first signal; `undefined` if none came. */
    exitCode: () => code,
    stop: (): void => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}
