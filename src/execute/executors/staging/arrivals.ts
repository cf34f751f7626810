import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import { stagedNames } from '../../../domain/runs/staged-job.js';
import type { PlacedJob } from '../job-folder.js';
import { type Brought, bringCheckpoint, bringResult, placeOf, type StagedJob } from './bring.js';
import type { JobProgress, ProgressOf } from './job-progress.js';
import type { StoreSilence } from './store-silence.js';

type ArrivalServices = Pick<Services, 'files' | 'staging'>;

/** Brings the results of jobs, while the stores are asked about others. */
export interface Arrivals {
  /** Begins to bring results of these tries. Only one arrival of a job goes on at a time. */
  readonly start: (store: RemoteStore, job: StagedJob, restarts: readonly number[]) => void;
  /** Stops the arrival of a job, if there is one. After it resolves, the arrival replaces no more files in the workspace. */
  readonly halt: (job: PlacedJob) => Promise<void>;
  /** Throws a bug of an arrival, which nobody waits for. */
  readonly throwBug: () => void;
}

export function createArrivals(services: ArrivalServices, progressOf: ProgressOf, silence: StoreSilence): Arrivals {
  let broken: { readonly error: unknown } | undefined;
  return {
    start: (store, job, restarts) => {
      const progress = progressOf(job);
      const controller = new AbortController();
      const done = bringAll(services, store, { job, progress, restarts, signal: controller.signal })
        .then((failure) => silence.note(job, 'its files', failure))
        .catch((error: unknown) => {
          if (!controller.signal.aborted) broken = { error };
        })
        .finally(() => {
          delete progress.arrival;
        });
      progress.arrival = { controller, done };
    },
    halt: async (job) => {
      const { arrival } = progressOf(job);
      arrival?.controller.abort();
      await arrival?.done;
    },
    throwBug: () => {
      const { error } = broken ?? {};
      broken = undefined;
      if (error !== undefined) throw error;
    },
  };
}

interface Arriving {
  readonly job: StagedJob;
  readonly progress: JobProgress;
  readonly restarts: readonly number[];
  readonly signal: AbortSignal;
}

/** Fetches the results of tries, oldest first. Returns a failure if the store did not deliver something. */
async function bringAll(
  services: ArrivalServices,
  store: RemoteStore,
  { job, progress, restarts, signal }: Arriving,
): Promise<Failure | undefined> {
  for (const restart of restarts) {
    const name = stagedNames.result(placeOf(job), job.task, restart);
    const isAwaited = restart === progress.awaited;
    const brought: Brought | Awaited<ReturnType<typeof bringResult>> = isAwaited
      ? await bringResult(services, store, { job, restart, signal, isCancelled: progress.isCancelled })
      : await bringCheckpoint(services, store, { job, restart, signal });
    if (brought.kind === 'later') return brought.failure;
    if (brought.kind === 'stuck') progress.stuck = brought.result;
    if (isAwaited) progress.isSeen = false;
    if (brought.kind === 'here') progress.brought.add(name);
  }
  return undefined;
}
