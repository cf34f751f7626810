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

/**
 * Opens the executors of a run, and ends the jobs of killed runs that this one does not go on with: of steps that it does not
 * run, or runs elsewhere.
 */
export async function openExecutors(
  services: Services,
  { pipeline, steps, run, executor, settings }: OpenExecutors,
): Promise<RunExecutors> {
  const named = (step: Step): ExecutorName => executorOf(services, step, executor);
  const local = createLocalExecutor(services);
  let jobs: SlurmJobs | undefined;
  const slurmJobs = (): SlurmJobs => {
    jobs ??= createSlurmJobs(services, run);
    return jobs;
  };
  const byName = new Map<ExecutorName, Executor>([['local', local]]);
  const open = services.isScratch === true ? [] : await openJobs(services, pipeline.name);
  const left = new Map<string, LeftJob>();
  const isWanted = (name: string): boolean => steps.some((step) => step.name === name && named(step) !== 'local');
  for (const job of open) {
    const one = createLeftJob(services, slurmJobs(), job);
    const earlier = left.get(one.step);
    if (earlier !== undefined) await earlier.discard();
    if (isWanted(one.step)) left.set(one.step, one);
    else await one.discard();
  }
  return {
    of: (step) => {
      const name = named(step);
      const known = byName.get(name) ?? slurmJobs().executor(settingsOf(settings, name));
      byName.set(name, known);
      return known;
    },
    takeLeft: (step) => {
      const found = left.get(step.name);
      left.delete(step.name);
      return found;
    },
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
