import type { StepName } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { ResourceLimits } from '../../domain/pipeline/resources.js';
import { createLine } from './step-queue.js';

export interface Schedule {
  /** Steps at a time. */
  readonly jobs: number;
  /** How much there is of what steps ask for; without it only `jobs` counts. */
  readonly limits?: ResourceLimits;
  /** After a failure go on with everything that does not need the failed step. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
  /** Resolves to whether dependents may start. `release` gives the step's place and resources back before: it runs no more and has not failed. */
  readonly run: (step: Step, granted: Granted, release: () => void) => Promise<boolean>;
}

/** What a step was given of its own: ids of GPUs, as CUDA_VISIBLE_DEVICES spells them. */
export interface Granted {
  readonly gpus: readonly string[];
}

/** Runs steps as soon as what they need has ended well and what they ask for is free. Returns those never started. */
export function runGraph(steps: readonly Step[], schedule: Schedule): Promise<readonly StepName[]> {
  const line = createLine(steps, { jobs: schedule.jobs, resources: schedule.limits?.amounts ?? {} });
  const freeGpus = [...(schedule.limits?.gpus ?? [])];
  let hasFailed = false;
  let bug: { readonly error: unknown } | undefined;
  return new Promise((resolve, reject) => {
    const start = (step: Step): void => {
      const granted = { gpus: freeGpus.splice(0, schedule.limits === undefined ? 0 : (step.resources.gpus ?? 0)) };
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        freeGpus.push(...granted.gpus);
        line.release(step.name);
      };
      const releaseEarly = (): void => {
        release();
        startMore();
      };
      const end = (isGood: boolean): void => {
        release();
        hasFailed ||= !isGood;
        line.finish(step.name, isGood);
        startMore();
      };
      schedule.run(step, granted, releaseEarly).then(end, (error: unknown) => {
        bug ??= { error };
        end(false);
      });
    };
    const startMore = (): void => {
      while (!schedule.signal.aborted && bug === undefined && (!hasFailed || schedule.keepGoing)) {
        const step = line.next();
        if (step === undefined) break;
        start(step);
      }
      if (line.openCount() > 0) return;
      // a bug is thrown once nothing runs any more: the caller would let go of the pipeline's lock
      if (bug === undefined) resolve(line.waiting());
      else reject(bug.error);
    };
    startMore();
  });
}
