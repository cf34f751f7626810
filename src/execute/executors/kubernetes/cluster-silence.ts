import type { Services } from '../../../domain/ports/services.js';
import { MINUTE_MS } from '../../../domain/support/time.js';
import type { NoAnswer } from './client.js';

/** How long a cluster may refuse to tell about the jobs, which no repetition is likely to change. */
const LONGEST_REFUSAL_MS = 5 * MINUTE_MS;

/** The time in which the cluster does not tell about the jobs. It is reported once. */
export interface ClusterSilence {
  /** The cluster has answered. */
  readonly ends: () => void;
  /** The cluster did not answer. Returns whether it has refused for so long that no answer is to be expected. */
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
