import type { RunId } from '../../domain/ids.js';
import type { Engine } from '../../domain/pipeline/executor.js';
import type { OutputBackup } from '../../domain/ports/records/run-records.js';
import type { Services } from '../../domain/ports/services.js';
import type { Run } from '../../domain/runs/run.js';
import { ownersOf, type PlacedJob, placedJobs, readJobId, removeIfEmpty, removeTask } from './job-folder.js';

/**
 * A job of an engine outlives the refit that submitted it. The next run of its step goes on with it where it does the same work, so
 * that nothing is submitted twice, and cancels it otherwise.
 *
 * These are the jobs of a pipeline, or of one of its steps, that no living run waits for, and of which the registry does not hold
 * the result. The caller holds or shares the lock of the pipeline, and dead runs are marked. Starts no process.
 */
export async function openJobs(
  services: Pick<Services, 'files' | 'registry'>,
  pipeline: string,
  step?: string,
): Promise<readonly PlacedJob[]> {
  const open: PlacedJob[] = [];
  for (const job of await placedJobs(services, step)) {
    const owner = ownerOf(services, job);
    if (job.record.pipeline !== pipeline || owner === undefined || owner.run?.status === 'running') continue;
    if (owner.hasResult) {
      await removeTask(services, job);
      await removeIfEmpty(services, job.folder);
    } else open.push(job);
  }
  return open;
}

/** The run that has waited for a job last, and whether the registry holds what the job made. */
function ownerOf(services: Pick<Services, 'registry'>, { record }: PlacedJob) {
  const id = ownersOf(record).at(-1);
  if (id === undefined) return undefined;
  const hasResult = executionOf(services, id, record.step)?.status === 'succeeded';
  return { id, run: services.registry.runs.get(id), hasResult };
}

/** A job that a killed refit left, for people. */
export interface AbandonedJob {
  readonly pipeline: string;
  readonly step: string;
  readonly run: RunId;
  readonly engine: Engine;
  /** `undefined` if refit was killed before the engine had told it. */
  readonly id: string | undefined;
}

/** The jobs of all pipelines whose runs are over. `isDead`: of a run that is recorded as running. Changes nothing. */
export async function abandonedJobs(
  services: Pick<Services, 'files' | 'registry'>,
  isDead: (run: Run) => boolean,
): Promise<readonly AbandonedJob[]> {
  const found: AbandonedJob[] = [];
  for (const job of await placedJobs(services)) {
    const owner = ownerOf(services, job);
    if (owner === undefined || owner.hasResult) continue;
    if (owner.run?.status === 'running' && !isDead(owner.run)) continue;
    const { pipeline, step, kubernetes } = job.record;
    const engine = kubernetes === undefined ? 'slurm' : 'kubernetes';
    found.push({ pipeline, step, run: owner.id, engine, id: kubernetes?.name ?? (await readJobId(services, job)) });
  }
  return found;
}

/** The newest execution of a step in a run; `undefined` if it has none. */
export const executionOf = ({ registry }: Pick<Services, 'registry'>, run: RunId, step: string) =>
  registry.runs.executions(run).findLast((one) => one.step === step);

/** The rows of the journal of a job's outputs: those of the run that submitted it, or of one that went on with it. */
export const isBackupOf = ({ record }: PlacedJob, { run, step }: OutputBackup): boolean =>
  record.step === step && ownersOf(record).includes(run);
