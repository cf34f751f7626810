import { setInterval } from 'node:timers';
import type { Services } from '../domain/ports/services.js';
import type { ProcessIdentity } from '../domain/runs/run.js';

/**
 * Sampling interval. A process that starts and ends between two samples is missed. A peak between them is seen only if
 * its process is still alive at the next sample, because the system records the peak of each process.
 */
const SAMPLE_EVERY_MS = 20;

export interface MemoryWatch extends AsyncDisposable {
  /** Aborted when the process group holds too much memory, or when refit is interrupted. */
  readonly signal: AbortSignal;
  readonly watch: (identity: ProcessIdentity) => void;
  /** The problem in words; `undefined` if the limit was kept. */
  readonly verdict: () => string | undefined;
}

/** Ends a process group that holds more memory than allowed. Without a limit it only passes the signal on. */
export function watchMemory(services: Pick<Services, 'processes' | 'signal'>, limit: number | undefined): MemoryWatch {
  const tooMuch = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let peak: number | undefined;
  const sample = (identity: ProcessIdentity): void => {
    const held = services.processes.memoryOf(identity);
    if (held === undefined) return;
    peak = Math.max(peak ?? 0, held);
    if (limit !== undefined && peak > limit) tooMuch.abort();
  };
  return {
    signal: AbortSignal.any([services.signal, tooMuch.signal]),
    watch: (identity) => {
      if (limit === undefined) return;
      sample(identity);
      timer = setInterval(() => sample(identity), SAMPLE_EVERY_MS);
    },
    verdict: () => {
      if (limit === undefined) return undefined;
      if (peak === undefined) return 'its memory cannot be measured on this system';
      return peak > limit ? `held ${mib(peak)} of memory, more than ${mib(limit)}` : undefined;
    },
    [Symbol.asyncDispose]: async () => clearInterval(timer),
  };
}

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
