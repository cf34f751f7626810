import type { Failure } from '../../../domain/failure.js';
import type { JobRequest, SubmittedJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { problemOf } from '../../../domain/runs/staged-content.js';
import type { Confided } from '../../../domain/runs/staged-job.js';
import { err, type Result } from '../../../domain/support/result.js';
import { type StagedSubmission, sendJobs } from './send-jobs.js';
import { stagingFailure } from './staging-failure.js';
import type { OpenStore } from './stores.js';

/** `known`: hashes of content that is in the store. */
export interface Sending {
  readonly open: OpenStore;
  readonly known: Set<string>;
}

/** Uploads the inputs of jobs and their orders. The error says why none of them may start: in words, or as a failure. */
export async function send(
  services: Services,
  { open, known }: Sending,
  submission: StagedSubmission,
): Promise<Result<Confided, string | Failure>> {
  const { place, jobs } = submission;
  const step = jobs[0]?.request.step.name ?? '';
  const store = await open(place, { isEnding: false });
  if (!store.ok)
    return err(stagingFailure({ step, store: place }, problemOf('put', 'the order of the job', store.error)));
  const sent = await sendJobs(services, store.value, submission, known);
  if (sent.ok) return sent;
  known.clear();
  if (sent.error === 'cancelled') return err({ code: 'step-cancelled', step });
  if ('shown' in sent.error) return err(sent.error.shown);
  return err(stagingFailure({ step: sent.error.job.request.step.name, store: place }, sent.error.problem));
}

/** A job that was not submitted. */
export const unsent = (
  { attempt, command: { logPath }, metricsPath, step }: JobRequest,
  failure: Failure,
): SubmittedJob => ({
  ...{ number: attempt, logPath, metricsPath },
  watch: async () => undefined,
  cancel: async () => undefined,
  collect: async () => ({
    outcome: { kind: 'not-started', reason: `its files did not get into the store (step ${step.name})` },
    durationMs: 0,
    tail: [],
    failure,
  }),
  forget: async () => undefined,
});
