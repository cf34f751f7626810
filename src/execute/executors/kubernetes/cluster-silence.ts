import type { Services } from '../../../domain/ports/services.js';
import { MINUTE_MS } from '../../../domain/support/time.js';
import type { NoAnswer } from './client.js';

/** How long the cluster may refuse to list the jobs before refit gives up. A retry is unlikely to change a refusal. */
const LONGEST_REFUSAL_MS = 5 * MINUTE_MS;

/** Tracks how long the cluster has not listed the jobs. Warns once for each outage. */
export interface ClusterSilence {
  /** The cluster has answered. */
  readonly ends: () => void;
  /** The cluster did not answer. Returns whether it has refused for so long that refit should give up. */
  readonly goesOn: (answer: NoAnswer) => boolean;
}

export function createClusterSilence({ clock, emit }: Pick<Services, 'clock' | 'emit'>): ClusterSilence {
  let isMute = false;
  let refusedSinceMs: number | undefined;
  return {
    ends: () => {
      [isMute, refusedSinceMs] = [false, undefined];
    },
    goesOn: ({ words, isPassing }) => {
      if (!isMute) warnOfSilence({ emit }, words, isPassing);
      isMute = true;
      refusedSinceMs = isPassing ? undefined : (refusedSinceMs ?? clock.monotonicMs());
      return refusedSinceMs !== undefined && clock.monotonicMs() - refusedSinceMs > LONGEST_REFUSAL_MS;
    },
  };
}

function warnOfSilence({ emit }: Pick<Services, 'emit'>, words: string, isPassing: boolean): void {
  const until = isPassing ? '' : ', and gives up after some minutes';
  emit({
    type: 'warning',
    code: 'kubernetes-mute',
    text: `the Kubernetes cluster cannot be asked about the jobs (${words}); refit goes on asking${until}`,
  });
}
