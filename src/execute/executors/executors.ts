import type { RunId } from '../../domain/ids.js';
import type { ExecutorName, ExecutorSettings, SlurmSettings } from '../../domain/pipeline/executor.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Executor, Executors, LeftJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { createLocalExecutor } from './local.js';
import { openJobs } from './open-jobs.js';
import type { SlurmJobs } from './slurm/executor.js';
import { folderOfRun, removeIfEmpty } from './slurm/job-folder.js';

/** Where a step of this run is executed. A scratch workspace is for quick looks at small data: everything runs here. */
export const executorOf = (
  { isScratch }: Pick<Services, 'isScratch'>,
  step: Pick<Step, 'executor'>,
  given: ExecutorName | undefined,
): ExecutorName => (isScratch === true ? 'local' : (given ?? step.executor));

export interface OpenExecutors {
  readonly pipeline: Pipeline;
  readonly steps: readonly Step[];
  readonly run: RunId;
  readonly executor?: ExecutorName | undefined;
  readonly settings: ExecutorSettings;
}

export interface RunExecutors extends Executors {
  /** At the end of the run. */
  readonly close: () => Promise<void>;
}

/** Opens the executors of a run, and ends jobs of killed runs on whose outputs it would work: of steps that it does not run. */
export async function openExecutors(
  services: Services,
  { pipeline, steps, run, executor, settings }: OpenExecutors,
): Promise<RunExecutors> {
  // Loaded only where a step runs there, or a killed run left a job.
  let loading: Promise<SlurmJobs> | undefined;
  const slurmJobs = (): Promise<SlurmJobs> => {
    loading ??= import('./slurm/executor.js').then(({ createSlurmJobs }) => createSlurmJobs(services, run));
    return loading;
  };
  const left = async (step?: string): Promise<readonly LeftJob[]> => {
    if (services.isScratch === true) return [];
    const open = await openJobs(services, pipeline.name, step);
    if (open.length === 0) return [];
    const { createLeftJob } = await import('./left-jobs.js');
    const jobs = await slurmJobs();
    return open.map((job) => createLeftJob(services, jobs, job));
  };
  const chosen = new Set(steps.map(({ name }) => name));
  for (const name of new Set(steps.flatMap(({ dependsOn }) => dependsOn)))
    if (!chosen.has(name)) for (const job of await left(name)) await job.discard();
  const byName = new Map<ExecutorName, Executor>([['local', createLocalExecutor(services)]]);
  for (const name of new Set(steps.map((step) => executorOf(services, step, executor))))
    if (!byName.has(name)) byName.set(name, (await slurmJobs()).executor(settingsOf(settings, name)));
  return {
    of: (step) => {
      const name = executorOf(services, step, executor);
      const known = byName.get(name);
      if (known === undefined) throw new Error(`internal error: ${name}, the executor of ${step.name}, is not open`);
      return known;
    },
    left: ({ name }) => left(name),
    close: async () => {
      if (loading !== undefined) await removeIfEmpty(services, folderOfRun(run));
    },
  };
}

/** The settings of `slurm`, with those of the profile laid over them. */
function settingsOf({ slurm = {} }: ExecutorSettings, name: ExecutorName): SlurmSettings {
  const { profiles, ...general } = slurm;
  const profile = profiles?.[name.slice('slurm:'.length)] ?? {};
  return { ...general, ...profile, options: [...(general.options ?? []), ...(profile.options ?? [])] };
}
