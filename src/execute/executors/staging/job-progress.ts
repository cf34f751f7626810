import type { JobResult } from '../../../domain/runs/job-files.js';
import type { PlacedJob } from '../job-folder.js';

/** How far the files of a job have come from its store. */
export interface JobProgress {
  /** The try that refit waits for. */
  awaited: number;
  arrival?: { readonly controller: AbortController; readonly done: Promise<void> };
  /** The result of the awaited try has been seen in the store, and is not here. */
  isSeen: boolean;
  isSending: boolean;
  isCancelled: boolean;
  isHalted: boolean;
  stuck?: JobResult;
  gapSinceMs?: number;
  /** Names of results that are here. They stay in the store while the job may be tried again. */
  readonly brought: Set<string>;
}

/** Gives the same object for the same job, for the rest of the run. */
export type ProgressOf = (job: PlacedJob) => JobProgress;

export function trackJobs(): ProgressOf {
  const jobs = new Map<string, JobProgress>();
  return (job) => {
    const key = `${job.folder}/${job.task}`;
    const progress = jobs.get(key) ?? {
      awaited: -1,
      isSeen: false,
      isSending: false,
      isCancelled: false,
      isHalted: false,
      brought: new Set<string>(),
    };
    jobs.set(key, progress);
    return progress;
  };
}
