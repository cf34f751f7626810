import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { CommandRun } from '../../domain/ports/executors.js';
import type { ProcessResult } from '../../domain/ports/platform.js';
import type { Services } from '../../domain/ports/services.js';
import { runCommand } from '../attempt/run-command.js';
import { engineCall } from './container-command.js';
import { forgetContainer, recordContainer, removeContainer } from './container-records.js';

type LaunchServices = Pick<Services, 'environments' | 'processes' | 'files' | 'surroundings' | 'signal'>;

export interface StepLaunch {
  readonly pipeline: Pick<Pipeline, 'name'>;
  readonly step: Step;
  /** Absent where no step of the run has an image. */
  readonly images?: StepImages;
  /** Absent outside of a run. */
  readonly run?: string;
  readonly attempt?: number;
}

/** Runs the command of a step: on this machine, or in its image if it has one. */
export async function runStepCommand(
  services: LaunchServices,
  launch: StepLaunch,
  command: CommandRun,
): Promise<ProcessResult> {
  const { step, images } = launch;
  if (step.image === undefined) return runCommand(services, command);
  if (images === undefined) throw new Error(`internal error: the image of ${step.name} was not resolved`);
  const name = containerName(launch, services.processes.self().pid);
  const call = engineCall({
    engine: images.engine,
    options: images.options,
    image: images.references.get(step.image) ?? step.image,
    name,
    argv: command.argv,
    root: services.files.root,
    linked: services.files.linkedFolders(),
    user: services.surroundings.user(),
    ...variablesOf(services, step, command.env),
  });
  const inEngine = { ...command, argv: call.argv, env: { ...services.surroundings.env(), ...call.env } };
  // The container is a child of refit, and ends with its process group.
  if (images.engine === 'apptainer') return runCommand(services, inEngine);
  const { pipeline, run } = launch;
  const record = { engine: images.engine, name, pipeline: pipeline.name, run, by: services.processes.self() };
  const recorded = await recordContainer(services, record);
  if (!recorded.ok)
    return { outcome: { kind: 'not-started', reason: 'the folder .refit cannot be written' }, tail: [], durationMs: 0 };
  const result = await runCommand(services, inEngine);
  if (hasRemovedItself(result)) await forgetContainer(services, name);
  else await removeContainer(services, record);
  return result;
}

/** `--rm`: the engine removes the container before it exits by itself. 125 is its own fault. */
const hasRemovedItself = ({ outcome }: ProcessResult): boolean =>
  outcome.kind === 'exited' && outcome.exitCode !== ENGINE_FAILED;

/** Exit code of Podman and Docker where they could not start the container. */
const ENGINE_FAILED = 125;

/** The failure of a step whose container the engine could not start, told apart from one of the step itself. */
export function failureInImage(failure: Failure | undefined, { step, images }: StepLaunch): Failure | undefined {
  if (failure?.code !== 'step-exited' || failure.exitCode !== ENGINE_FAILED || step.image === undefined) return failure;
  const { logPath, tail } = failure;
  return {
    code: 'container-not-started',
    step: step.name,
    image: step.image,
    engine: images?.engine ?? 'the engine',
    logPath,
    tail,
  };
}

/** Unique on this machine: run ids are, and the hash tells steps apart whose names are written alike. */
function containerName({ step, run, attempt = 1 }: StepLaunch, pid: number): string {
  const hash = createHash('sha256').update(step.name).digest('hex').slice(0, 8);
  const readable = step.name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 60);
  return `refit-${run ?? `check-${pid}`}-${readable}-${hash}-${attempt}`;
}

/** Variables of the engine itself: a step that sets one must not change how the engine works. */
const OF_THE_ENGINE =
  /^(PATH|HOME|TMPDIR|LD_|XDG_|DOCKER_|CONTAINER|PODMAN|BUILDAH|STORAGE_|REGISTR|APPTAINER|SINGULARITY|\w+_proxy$)/i;

/**
 * The variables of a step in a container: what it declares, and those of refit. Nothing is inherited from this machine. Values
 * that stand in the pipeline file are on the engine's command line; secrets, and what comes from the caller, are not.
 */
function variablesOf({ surroundings }: LaunchServices, step: Step, env: CommandRun['env']) {
  const open: Record<string, string> = {};
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(step.env))
    if (value.kind === 'literal' || OF_THE_ENGINE.test(name)) open[name] = env[name] ?? '';
    else inherited[name] = env[name] ?? '';
  for (const { name } of step.secrets) inherited[name] = env[name] ?? '';
  const gpus = surroundings.env()[GPUS];
  if (gpus !== undefined && (step.resources.gpus ?? 0) > 0) open[GPUS] = gpus;
  for (const [name, value] of Object.entries(env)) if (name.startsWith('REFIT_')) open[name] = value;
  return { open, inherited };
}

const GPUS = 'CUDA_VISIBLE_DEVICES';
