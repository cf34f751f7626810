import type { Failure } from '../failure.js';
import type { ContainerEngine } from '../pipeline/container.js';
import type { ContainerCommand } from './engine-call.js';
import type { ProcessOutcome } from './run.js';

/** One run of a job's command. A job that is put back into the queue runs once more, as the next attempt of the step. */
export interface JobTry {
  readonly number: number;
  /** Workspace-relative. */
  readonly logPath: string;
  readonly metricsPath: string;
}

/** How the command of a step runs in its image on a node. */
export interface JobContainer extends Omit<ContainerCommand, 'engine' | 'image' | 'name' | 'argv' | 'root'> {
  readonly step: string;
  /** The first of them that is on the node. */
  readonly engines: readonly ContainerEngine[];
  /** As the pipeline file names it. */
  readonly image: string;
  /** The id that the engine must know it by; absent where its name holds a digest, or it is a file. */
  readonly id?: string;
  /** Absolute; of an image that is a file. */
  readonly file?: string;
  /** Absolute: where Apptainer keeps what it has pulled, a file for each image. */
  readonly pulledFile?: string;
  /** The number of the attempt follows. */
  readonly namePrefix: string;
}

/** What the program on the node reads. It holds the environment with its secrets: nobody else may read the file. */
export interface JobSpec {
  /** Absolute. The working folder of the command. */
  readonly root: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly timeoutMs?: number;
  /** Of a step with an image: `env` is then what its engine needs. */
  readonly container?: JobContainer;
  /** Workspace-relative: removed before the command runs again. */
  readonly outputs: readonly string[];
  /** Workspace-relative. */
  readonly checkpoint?: string;
  /** In the order in which they are used up. */
  readonly tries: readonly JobTry[];
}

/** What the program on the node writes when the command has ended. */
export interface JobResult {
  readonly outcome: ProcessOutcome;
  /** A signal from outside told the program to end the command: the engine knows why. */
  readonly isTold: boolean;
  readonly node: string;
  readonly durationMs: number;
  /** Why what the command made is not here, whatever its end was. */
  readonly failure?: Failure;
}

/** A container on a node. It does not end with the program that started it if that is killed. */
export interface NodeContainer {
  readonly name: string;
  readonly engine: ContainerEngine;
  readonly node: string;
  readonly step: string;
  /** Of the attempt. */
  readonly number: number;
}

/** Names of the files through which refit and the program on the node speak, in the folder of one run's jobs. */
export const jobFiles = {
  /** Of each container that was started on a node, until it is known to be gone. */
  container: (name: string): string => `containers/${name}.json`,
  spec: (task: string): string => `${task}/spec.json`,
  /** The number of the try that may work; a copy on a node that was cut off sees that it is no longer its own. */
  claim: (task: string): string => `${task}/claim`,
  /** Its presence ends the command, also where the engine does not reach the node. */
  cancelled: (task: string): string => `${task}/cancelled`,
  result: (task: string, restart: number): string => `results/${task}.${restart}.json`,
  /** The tasks of one submission, one a line, in the order of the array. */
  batch: (batch: number): string => `${batch}.tasks`,
} as const;
