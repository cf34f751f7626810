import type { StagedStart, StagedTask } from './staged-job.js';

/** The argument of refit's program in the containers of a pod, as JSON. It holds no secret: who may read the pod reads it. */
export interface PodStart extends StagedStart, StagedTask {
  /** Absolute: the empty volume that stands for the workspace. */
  readonly root: string;
  /** Absolute: the small volume through which the containers speak. */
  readonly folder: string;
  readonly format: number;
}

/** Raised with every change of what refit and its program in a pod tell each other: orders, results, these files. */
export const POD_FORMAT = 1;

/** Where the volume is in all containers through which they speak. Outside of the workspace: a command may empty that. */
export const POD_FOLDER = '/run/refit-pod';

/** Files in that volume. */
export const podFiles = {
  /** The order of the job, as the store had it. */
  order: 'order.json',
  /** Somebody waits for the command, and can end it. */
  ready: 'ready',
  /** The pid of the process that waits for the command. All containers of a pod see the same processes. */
  pid: 'pid',
  /** The exit status of the command, when it has ended. Without a pid the command was not started. */
  exit: 'exit',
} as const;

/** Exit code of a container whose command was not started, because nobody came to wait for it. */
export const NOBODY_WAITS = 75;

/** Exit code of a program that does not know the format of the refit that has started it. */
export const OTHER_FORMAT = 77;
