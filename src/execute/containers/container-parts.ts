import { createHash } from 'node:crypto';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { CommandRun } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';

/** Names the containers of a step, up to the number of the attempt: run ids are unique, and the hash tells steps apart whose names are written alike. */
export function containerName({ name }: Pick<Step, 'name'>, run: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const readable = name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 60);
  return `refit-${run}-${readable}-${hash}`;
}

/** Variables of the engine itself: a step that sets one must not change how the engine works. */
const OF_THE_ENGINE =
  /^(PATH|HOME|TMPDIR|LD_|XDG_|DOCKER_|CONTAINER|PODMAN|BUILDAH|STORAGE_|REGISTR|APPTAINER|SINGULARITY|\w+_proxy$)/i;

/**
 * The variables of a step in a container: what it declares, and those of refit. Nothing is inherited from this machine. Values
 * that stand in the pipeline file are on the engine's command line; secrets, and what comes from the caller, are not.
 */
export function containerVariables(
  { surroundings }: Pick<Services, 'surroundings'>,
  step: Step,
  env: CommandRun['env'],
) {
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

/** The devices that a process may use. */
export const GPUS = 'CUDA_VISIBLE_DEVICES';
