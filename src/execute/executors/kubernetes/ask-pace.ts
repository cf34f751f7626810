import type { Services } from '../../../domain/ports/services.js';
import { waitFor } from '../../../domain/support/wait.js';

export const FIRST_ASK_MS = 500;
export const LONGEST_ASK_MS = 5000;

/** How often the cluster is asked: less often the longer nothing happens. */
export interface AskPace {
  readonly begin: () => void;
  /** The cluster is asked at once, and often again. */
  readonly hurry: () => void;
  /** Something has happened: the cluster is polled often again. */
  readonly hasNews: () => void;
  readonly mayAsk: () => boolean;
  readonly hasAsked: () => void;
  /** Waits until the cluster may be asked, but no longer than `mostMs`. A hurry ends the waiting. */
  readonly wait: (mostMs: number) => Promise<void>;
}

export function createAskPace({ monotonicMs: now }: Services['clock']): AskPace {
  let wake = new AbortController();
  let askMs = FIRST_ASK_MS;
  let askedMs = 0;
  return {
    begin: () => {
      askedMs = now();
    },
    hurry: () => {
      askMs = FIRST_ASK_MS;
      wake.abort();
    },
    hasNews: () => {
      askMs = FIRST_ASK_MS;
    },
    mayAsk: () => now() - askedMs >= askMs,
    hasAsked: () => {
      askedMs = now();
      askMs = Math.min(askMs * 1.3, LONGEST_ASK_MS);
    },
    wait: async (mostMs) => {
      wake = new AbortController();
      const restMs = Math.max(0, askMs - (now() - askedMs));
      await waitFor(Math.min(mostMs, restMs), wake.signal);
      if (wake.signal.aborted) askedMs = Math.min(askedMs, now() - askMs);
    },
  };
}
