import { remoteUrl } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { Services } from '../../../domain/ports/services.js';
import type { StagedJob } from './bring.js';

/** Which stores do not answer. */
export interface StoreSilence {
  /** Whether the store of a job does not say what it holds. */
  readonly isMute: (job: StagedJob) => boolean;
  /** Notes the last answer about something. `failure`: there was none. */
  readonly note: (job: StagedJob, about: 'list' | 'its log' | 'its files', failure: Failure | undefined) => void;
}

/** Warns of a store that does not answer: once, until it answers again. */
export function createStoreSilence({ emit }: Pick<Services, 'emit'>): StoreSilence {
  const silent = new Set<string>();
  const keyOf = (job: StagedJob, about: string): string => `${about} ${storeKey(job)}`;
  return {
    isMute: (job) => silent.has(keyOf(job, 'list')),
    note: (job, about, failure) => {
      const key = keyOf(job, about);
      const isNew = failure !== undefined && ![...silent].some((one) => one.endsWith(storeKey(job)));
      if (failure === undefined) silent.delete(key);
      else silent.add(key);
      if (!isNew) return;
      const reason = 'reason' in failure ? ` (${String(failure.reason)})` : '';
      const text = `the remote ${remoteUrl(job.record.store.remote)} cannot be asked about the jobs${reason}; refit goes on asking`;
      emit({ type: 'warning', code: 'store-mute', text });
    },
  };
}

/** The same for all jobs of one store. */
export const storeKey = ({ record: { store } }: StagedJob): string => JSON.stringify(store.remote);
