import type { StepName } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { ResourceLimits } from '../../domain/pipeline/resources.js';
import { createStepQueue, type Waiting } from './step-queue.js';

export interface Schedule<T extends Waiting = Step> {
  /** How many steps may run at once. */
  readonly jobs: number;
  /** How many steps that run on other machines may run at once, beside those. */
  readonly jobsElsewhere?: number;
  /** Available resources; without it only `jobs` limits. */
  readonly limits?: ResourceLimits;
  /** After a failure, continue with steps that do not need the failed one. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
  /**
   * Resolves to whether dependents may start. `release` frees the step's job slot and resources earlier: its process
   * has ended and has not failed.
   */
  readonly run: (step: T, granted: Granted, release: () => void) => Promise<boolean>;
}

/** GPU ids that a step was given, in the form of CUDA_VISIBLE_DEVICES. */
export interface Granted {
  readonly gpus: readonly string[];
}

/**
 * Runs each step as soon as the steps it needs have succeeded and its resources are free. Returns the steps never
 * started.
 */
export function runGraph<T extends Waiting>(steps: readonly T[], schedule: Schedule<T>): Promise<readonly StepName[]> {
  const queue = createStepQueue(steps, {
    jobs: schedule.jobs,
    jobsElsewhere: schedule.jobsElsewhere,
    resources: schedule.limits?.amounts ?? {},
  });
  const freeGpus = [...(schedule.limits?.gpus ?? [])];
  let hasFailed = false;
  let bug: { readonly error: unknown } | undefined;
  return new Promise((resolve, reject) => {
    const start = (step: T): void => {
      const granted = { gpus: freeGpus.splice(0, schedule.limits === undefined ? 0 : (step.resources.gpus ?? 0)) };
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        freeGpus.push(...granted.gpus);
        queue.release(step.name);
      };
      const releaseEarly = (): void => {
        release();
        startMore();
      };
      const end = (isGood: boolean): void => {
        release();
        hasFailed ||= !isGood;
        queue.finish(step.name, isGood);
        startMore();
      };
      schedule.run(step, granted, releaseEarly).then(end, (error: unknown) => {
        bug ??= { error };
        end(false);
      });
    };
    const startMore = (): void => {
      while (!schedule.signal.aborted && bug === undefined && (!hasFailed || schedule.keepGoing)) {
        const step = queue.next();
        if (step === undefined) break;
        start(step);
      }
      if (queue.openCount() > 0) return;
      // Throw a bug only after all steps have ended, because the caller then releases the pipeline's lock.
      if (bug === undefined) resolve(queue.waiting());
      else reject(bug.error);
    };
    startMore();
  });
}
