import type { RunId } from '../../domain/ids.js';
import type { ExecutorName, ExecutorSettings, SlurmSettings } from '../../domain/pipeline/executor.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Executor, Executors, LeftJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { createLeftJob, openJobs } from './left-jobs.js';
import { createLocalExecutor } from './local.js';
import { createSlurmJobs, type SlurmJobs } from './slurm/executor.js';
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
  let jobs: SlurmJobs | undefined;
  const slurmJobs = (): SlurmJobs => {
    jobs ??= createSlurmJobs(services, run);
    return jobs;
  };
  const left = async (step?: string): Promise<readonly LeftJob[]> => {
    if (services.isScratch === true) return [];
    const open = await openJobs(services, pipeline.name, step);
    return open.map((job) => createLeftJob(services, slurmJobs(), job));
  };
  const chosen = new Set(steps.map(({ name }) => name));
  for (const name of new Set(steps.flatMap(({ dependsOn }) => dependsOn)))
    if (!chosen.has(name)) for (const job of await left(name)) await job.discard();
  const byName = new Map<ExecutorName, Executor>([['local', createLocalExecutor(services)]]);
  return {
    of: (step) => {
      const name = executorOf(services, step, executor);
      const known = byName.get(name) ?? slurmJobs().executor(settingsOf(settings, name));
      byName.set(name, known);
      return known;
    },
    left: ({ name }) => left(name),
    close: async () => {
      if (jobs !== undefined) await removeIfEmpty(services, folderOfRun(run));
    },
  };
}

/** The settings of `slurm`, with those of the profile laid over them. */
function settingsOf({ slurm = {} }: ExecutorSettings, name: ExecutorName): SlurmSettings {
  const { profiles, ...general } = slurm;
  const profile = profiles?.[name.slice('slurm:'.length)] ?? {};
  return { ...general, ...profile, options: [...(general.options ?? []), ...(profile.options ?? [])] };
}
