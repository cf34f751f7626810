import type { Failure } from '../../domain/failure.js';
import type { Fingerprint, RunId, WorkspacePath } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Executors, JobWork, LeftJob, SubmittedJob } from '../../domain/ports/executors.js';
import type { OutputBackup } from '../../domain/ports/records/run-records.js';
import type { Services } from '../../domain/ports/services.js';

interface Wanted {
  readonly step: Step;
  readonly run: RunId;
  readonly checkpoint: { readonly fingerprint?: Fingerprint; readonly isForced: boolean };
  readonly stamps: ReadonlyMap<WorkspacePath, string>;
  readonly executors: Executors;
}

interface TakenOver {
  readonly job: SubmittedJob;
  /** What the killed run had set aside, now in the name of this one. Empty where its outputs are back in their places. */
  readonly outputs: readonly OutputBackup[];
  /** Rows of the killed run's journal. */
  readonly backups: readonly number[];
}

/**
 * The job that a killed refit left of this step, if it does the same work: the same fingerprint, and inputs that nobody has touched
 * since. Any other is ended first: two copies of a step would write to the same outputs.
 */
export async function takeLeft({
  step,
  run,
  checkpoint,
  stamps,
  executors,
}: Wanted): Promise<{ readonly work: JobWork; readonly left?: TakenOver; readonly failure?: Failure }> {
  const { fingerprint, isForced } = checkpoint;
  const work: JobWork = { fingerprint, stamps: Object.fromEntries(stamps) };
  const [found, ...older] = (await executors.left(step)).toReversed();
  for (const one of older) {
    const discarded = await one.discard();
    if (!discarded.ok) return { work, failure: discarded.error };
  }
  if (found === undefined) return { work };
  const isSame = !isForced && fingerprint !== undefined && !executors.of(step).isLocal && areEqual(work, found.work);
  const adopted = isSame ? await found.adopt(run) : undefined;
  if (adopted?.ok === false) return { work, failure: adopted.error };
  if (adopted?.value === undefined) {
    const discarded = await found.discard();
    return discarded.ok ? { work } : { work, failure: discarded.error };
  }
  const backups = found.backups();
  const outputs = backups.map(({ id: _, ...backup }) => ({ ...backup, run }));
  return { work, left: { job: adopted.value, outputs, backups: backups.map(({ id }) => id) } };
}

/** Ends the jobs that killed runs left of a step that is skipped or restored. */
export async function discardLeft(services: Pick<Services, 'emit'>, jobs: readonly LeftJob[]): Promise<void> {
  for (const job of jobs) {
    const discarded = await job.discard();
    if (discarded.ok || !('reason' in discarded.error)) continue;
    services.emit({ type: 'warning', code: 'job-left', text: String(discarded.error.reason) });
  }
}

const areEqual = (one: JobWork, other: JobWork): boolean =>
  one.fingerprint === other.fingerprint &&
  Object.keys(one.stamps).length === Object.keys(other.stamps).length &&
  Object.entries(one.stamps).every(([path, stamp]) => other.stamps[path] === stamp);
