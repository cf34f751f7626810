import type { Failure } from '../../domain/failure.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { CommandRun } from '../../domain/ports/executors.js';
import type { ProcessResult } from '../../domain/ports/platform.js';
import type { Services } from '../../domain/ports/services.js';
import { ENGINE_FAILED, engineCall, hasRemovedItself } from '../../domain/runs/engine-call.js';
import { runCommand } from '../attempt/run-command.js';
import { containerName, containerVariables } from './container-parts.js';
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
  const { engine } = images;
  if (engine === undefined) throw new Error(`internal error: no engine was found for ${step.name}`);
  const { run, attempt = 1 } = launch;
  const name = `${containerName(step, run ?? `check-${services.processes.self().pid}`)}-${attempt}`;
  const call = engineCall({
    engine,
    options: images.settings.options,
    image: images.references.get(step.image) ?? step.image,
    name,
    argv: command.argv,
    root: services.files.root,
    linked: services.files.linkedFolders(),
    user: services.surroundings.user(),
    ...containerVariables(services, step, command.env),
  });
  const inEngine = { ...command, argv: call.argv, env: { ...services.surroundings.env(), ...call.env } };
  // The container is a child of refit, and ends with its process group.
  if (engine === 'apptainer') return runCommand(services, inEngine);
  const record = { engine, name, pipeline: launch.pipeline.name, run, by: services.processes.self() };
  const recorded = await recordContainer(services, record);
  if (!recorded.ok)
    return { outcome: { kind: 'not-started', reason: 'the folder .refit cannot be written' }, tail: [], durationMs: 0 };
  const result = await runCommand(services, inEngine);
  if (hasRemovedItself(result.outcome)) await forgetContainer(services, name);
  else await removeContainer(services, record);
  return result;
}

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
