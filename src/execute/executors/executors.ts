import type { Failure } from '../../domain/failure.js';
import type { RunId } from '../../domain/ids.js';
import { type ExecutorName, type ExecutorSettings, engineOf } from '../../domain/pipeline/executor.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Executor, Executors, LeftJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { kubernetesSettings, slurmSettings } from '../../pipeline/executor-settings.js';
import { folderOfRun, type PlacedJob, removeIfEmpty } from './job-folder.js';
import type { KubernetesJob, KubernetesJobs } from './kubernetes/executor.js';
import { createLocalExecutor } from './local.js';
import { type AbandonedJob, openJobs } from './open-jobs.js';
import type { SlurmJobs } from './slurm/executor.js';
import { discardLeft } from './take-left.js';

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
  /** To be called at the end of the run. */
  readonly close: () => Promise<void>;
}

/** Opens the executors of a run. Ends jobs that killed runs left of steps whose outputs this run reads but does not make. */
export async function openExecutors(
  services: Services,
  { pipeline, steps, run, executor, settings }: OpenExecutors,
): Promise<RunExecutors> {
  const engines = createEngines(services, run, settings);
  const { slurm, kubernetes, areUsed } = engines;
  const left = async (step?: string): Promise<readonly LeftJob[]> => {
    if (services.isScratch === true) return [];
    const open = await openJobs(services, pipeline.name, step);
    return Promise.all(open.map((job) => asLeft(services, engines, job)));
  };
  const chosen = new Set(steps.map(({ name }) => name));
  for (const name of new Set(steps.flatMap(({ dependsOn }) => dependsOn)))
    if (!chosen.has(name)) await discardLeft(services, await left(name));
  const opened = async (name: ExecutorName): Promise<Executor> =>
    engineOf(name)?.engine === 'kubernetes'
      ? (await kubernetes()).executor(kubernetesSettings(settings, name))
      : (await slurm()).executor(slurmSettings(settings, name));
  const byName = new Map<ExecutorName, Executor>([['local', createLocalExecutor(services)]]);
  for (const name of new Set(steps.map((step) => executorOf(services, step, executor))))
    if (!byName.has(name)) byName.set(name, await opened(name));
  return {
    of: (step) => {
      const name = executorOf(services, step, executor);
      const known = byName.get(name);
      if (known === undefined) throw new Error(`internal error: ${name}, the executor of ${step.name}, is not open`);
      return known;
    },
    left: ({ name }) => left(name),
    close: async () => {
      if (areUsed()) await removeIfEmpty(services, folderOfRun(run));
      await engines.close();
    },
  };
}

/** Cancels the jobs that killed refits left of a step, and puts its last good outputs back. The caller holds the pipeline's lock. */
export async function discardJobs(
  services: Services,
  { pipeline, step }: AbandonedJob,
): Promise<Result<void, Failure>> {
  for (const job of await openJobs(services, pipeline, step)) {
    const left = await asLeft(services, createEngines(services, job.record.run), job);
    const discarded = await left.discard();
    if (!discarded.ok) return discarded;
  }
  return ok(undefined);
}

async function asLeft(services: Services, engines: Engines, job: PlacedJob): Promise<LeftJob> {
  if (isOfKubernetes(job)) {
    const { createLeftKubernetesJob } = await import('./kubernetes/left-job.js');
    return createLeftKubernetesJob(services, await engines.kubernetes(), job);
  }
  const { createLeftJob } = await import('./left-jobs.js');
  return createLeftJob(services, await engines.slurm(), job);
}

type Engines = ReturnType<typeof createEngines>;

const isOfKubernetes = (job: PlacedJob): job is KubernetesJob => job.record.kubernetes !== undefined;

/** What the jobs of a run have in common. Loaded only where a step runs there, or a killed run left a job. */
function createEngines(services: Services, run: RunId, settings: ExecutorSettings = {}) {
  let [slurm, kubernetes]: [Promise<SlurmJobs>?, Promise<KubernetesJobs>?] = [];
  return {
    slurm: (): Promise<SlurmJobs> => {
      slurm ??= import('./slurm/executor.js').then(({ createSlurmJobs }) =>
        createSlurmJobs(services, run, settings.remotes),
      );
      return slurm;
    },
    kubernetes: (): Promise<KubernetesJobs> => {
      kubernetes ??= import('./kubernetes/executor.js').then(({ createKubernetesJobs }) =>
        createKubernetesJobs(services, run, settings.remotes),
      );
      return kubernetes;
    },
    close: async (): Promise<void> => {
      await (await slurm)?.courier.close();
      await (await kubernetes)?.courier.close();
    },
    areUsed: () => slurm !== undefined || kubernetes !== undefined,
  };
}
