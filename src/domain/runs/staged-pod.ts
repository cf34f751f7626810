import type { StagedStart, StagedTask } from './staged-job.js';

/** The argument of refit's program in the containers of a pod, as JSON. It holds no secret: who may read the pod reads it. */
export interface PodStart extends StagedStart, StagedTask {
  /** Absolute: the empty volume that stands for the workspace. */
  readonly root: string;
  readonly format: number;
}

/** Raised with every change of what refit and its program in a pod tell each other: orders, results, these files. */
export const POD_FORMAT = 1;

/** Files in the volume of a pod, through which its containers speak. Paths are relative to it. */
export const podFiles = {
  folder: '.refit/pod',
  /** The order of the job, as the store had it. */
  order: '.refit/pod/order.json',
  /** Somebody waits for the command, and can end it. */
  ready: '.refit/pod/ready',
  /** The pid of the process that waits for the command. All containers of a pod see the same processes. */
  pid: '.refit/pod/pid',
  /** The exit status of the command, when it has ended. */
  exit: '.refit/pod/exit',
} as const;

/** Exit code of a program that does not know the format of the refit that has started it. */
export const OTHER_FORMAT = 77;
