import type { Services } from '../../../domain/ports/services.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import { readResult } from '../job-folder.js';
import type { StagedJob } from '../staging/bring.js';
import type { AwaitedTry, Courier } from '../staging/courier.js';
import { stagingFailure } from '../staging/staging-failure.js';
import { judgeStaged } from './judge-staged.js';

/** What the watch of a job needs to know about the store that its files go through. */
export interface StagedSide {
  readonly tryOf: (isGone: boolean) => AwaitedTry;
  /** The result of the program in the pod, once all of its files are here. */
  readonly result: () => Promise<JobResult | undefined>;
  /** A result that the disk of this machine refuses. */
  readonly stuck: () => JobResult | undefined;
  readonly judge: (
    observed: Omit<Parameters<typeof judgeStaged>[0], 'isWaitedFor' | 'isSending' | 'failureOf'>,
  ) => ReturnType<typeof judgeStaged>;
}

/** A Job of Kubernetes is tried once. */
const ONLY_TRY = 0;

/** The side of the store of one job in Kubernetes. */
export const createStagedSide = (services: Pick<Services, 'files'>, courier: Courier, job: StagedJob): StagedSide => ({
  tryOf: (isGone) => ({ job, restart: ONLY_TRY, isGone }),
  result: () => readResult(services, job, ONLY_TRY),
  stuck: () => courier.stuckResult(job),
  judge: (observed) =>
    judgeStaged({
      ...observed,
      isWaitedFor: courier.isWaitedFor(job),
      isSending: courier.isSending(job),
      failureOf: (problem, node) => stagingFailure(job.record, problem, node),
    }),
});
