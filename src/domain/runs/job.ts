import type { Engine } from '../pipeline/executor.js';

/** A job of an engine outside this machine, as the engine names it. */
export interface EngineJob {
  readonly engine: Engine;
  /** `12`, or `12_3` for a task of an array; in Kubernetes the name of the Job. */
  readonly id: string;
  /** Where it ran or runs; absent while it waits. */
  readonly node?: string;
}

/** Why an engine ended a job that had not ended by itself. */
export type JobEnd =
  | 'preempted'
  /** Somebody put it back into the queue by hand. */
  | 'requeued'
  /** Its node wanted to be rid of it: too little memory or disk, a drain. */
  | 'evicted'
  | 'node-failed'
  | 'out-of-memory'
  /** The engine no longer knows it, and it left no result. */
  | 'vanished';

/**
 * The variable that jobs of an engine carry beside `REFIT_RUN_ID`, with the same value: one that runs on the machine of refit is
 * no orphan when that refit is killed.
 */
export const JOB_OF_RUN = 'REFIT_JOB_OF_RUN';
