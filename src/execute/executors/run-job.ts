import { setMaxListeners } from 'node:events';
import type { CollectedJob, JobObserver, SubmittedJob } from '../../domain/ports/executors.js';

/** Waits for a job that was submitted, and cancels it when refit is to end. */
export async function runJob(signal: AbortSignal, job: SubmittedJob, observer: JobObserver): Promise<CollectedJob> {
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => {
    cancelling ??= job.cancel();
  };
  // Every running step listens to the same signal: Node would warn of a leak at the eleventh.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    await job.watch(observer);
    await cancelling;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return job.collect();
}
