import type { SlurmSettings } from '../../../domain/pipeline/executor.js';
import type { Step } from '../../../domain/pipeline/pipeline.js';
import { MINUTE_MS } from '../../../domain/support/time.js';

const MEBIBYTE = 1024 * 1024;
/** The program on the node keeps the time itself, to the millisecond. Slurm's limit is for a program that hangs. */
const MORE_MINUTES = 2;
/** Files are copied to the node and back, or an image is pulled. */
const MORE_MINUTES_TO_COPY = 60;

/** The options that a step and the settings give. Options of the settings come last, so that they win. */
export function sbatchOptions(
  { resources, timeoutMs, retries, image }: Pick<Step, 'resources' | 'timeoutMs' | 'retries' | 'image'>,
  settings: SlurmSettings,
): readonly string[] {
  const { cpus, memory, gpus } = resources;
  const isCopied = settings.staging === 'store' || image !== undefined;
  const moreMinutes = isCopied ? MORE_MINUTES_TO_COPY : MORE_MINUTES;
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ['cpus-per-task', cpus === undefined ? undefined : Math.max(1, Math.ceil(cpus))],
    ['mem', memory === undefined ? undefined : `${Math.ceil(memory / MEBIBYTE)}M`],
    ['gres', gpus === undefined || gpus === 0 ? undefined : `gpu:${gpus}`],
    ['time', timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / MINUTE_MS) + moreMinutes],
    ['partition', settings.partition],
    ['account', settings.account],
    ['constraint', settings.constraint],
    ['qos', settings.qos],
  ];
  return [
    '--nodes=1',
    '--ntasks=1',
    // Without retries the step is over with its first try, whatever the cluster does by default.
    retries.count > 0 ? '--requeue' : '--no-requeue',
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...(settings.options ?? []),
  ];
}

/**
 * What the program on the node gets of refit's own variables: `names`, or none, because it reads what the step needs from a file that
 * only its owner may read. Where sbatch does not get the whole environment from a file, an older Slurm starts a login shell of the user
 * on the node first, for its variables, which may take a second. A file takes from sbatch the token with which it is to say who it is.
 * `options` of the settings that say what is exported count alone.
 */
export function exportOptions(
  names: readonly string[] | undefined,
  env: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): readonly string[] {
  if (names !== undefined) return [`--export=${names.join(',')}`];
  // With it, sbatch sees the variables of that file only.
  if (options.some((option) => /^--export-f/.test(option))) return ['--export=ALL'];
  if (options.some((option) => /^--(exp|get-user-env)/.test(option))) return ['--export=NIL'];
  return env.SLURM_JWT === undefined ? ['--export=ALL', '--export-file=/dev/null'] : ['--export=NIL'];
}

/** What people see in `squeue`. Values of params and secrets are not part of it. */
export const jobName = (pipeline: string, step: string): string =>
  `refit-${pipeline}-${step}`.replace(/[^A-Za-z0-9_.=@-]+/g, '-').slice(0, 100);
