import { warnOfDatasets } from '../data/datasets/dataset-warnings.js';
import { readSources } from '../data/sources/read-sources.js';
import type { Check } from '../domain/check.js';
import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { RefitEvent } from '../domain/events.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { mapInParallel } from '../domain/support/parallel.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { worldFailure } from '../domain/support/world-failure.js';
import type { View } from '../domain/view.js';
import { listPipelineFiles, loadPipeline } from '../pipeline/load-pipeline.js';
import { readablePipelines, sharedNames } from '../pipeline/shared-names.js';
import { missingSections, type RetrainOptions, retrain } from './retrain.js';
import { type FailedPipeline, retrainAllView } from './views/retrain-all-view.js';
import { retrainChecks } from './views/retrain-checks.js';

export interface RetrainedAll {
  /** Absent if only news are asked for and there is none. */
  readonly view?: View;
  readonly reports: readonly RetrainReport[];
  /** Those to show. */
  readonly failures: readonly Failure[];
  /** All of them: each counts for the exit code. */
  readonly allFailures: readonly Failure[];
  readonly checks: readonly Check[];
}

/** What of it is shown. Everything, if not told otherwise. */
interface Shown {
  readonly isShown?: (report: RetrainReport) => boolean;
  readonly isTold?: (failure: Failure) => boolean;
}

/**
 * Retrains every pipeline with a `retrain` section, `atOnce` of them at a time, and reports them in the order of their files.
 * A failure of one does not stop the others.
 */
export async function retrainAll(
  services: Services,
  options: RetrainOptions,
  { isShown = () => true, isTold = () => true, atOnce = 1 }: Shown & { readonly atOnce?: number } = {},
): Promise<RetrainedAll> {
  const reports: RetrainReport[] = [];
  const checks: Check[] = [];
  const failed: FailedPipeline[] = [];
  const all = await readablePipelines(services);
  const files = await listPipelineFiles(services);
  const jobs = atOnce === 1 ? undefined : Math.max(1, Math.floor(services.machine().cpus / atOnce));
  const done = await mapInParallel(files, atOnce, async (file) => {
    // Interrupted: pipelines that were not started have not failed.
    if (services.signal.aborted) return ok({ file, one: ok(undefined) });
    const work = (own: Services) => isolated(file, () => retrainOne(own, file, { ...options, jobs, all }));
    return ok({ file, one: atOnce === 1 ? await work(services) : await inOneBlock(services, file, work) });
  });
  for (const { file, one } of done.ok ? done.value : []) {
    if (!one.ok) failed.push({ pipeline: nameOf(all, file), file, failure: one.error });
    else if (one.value !== undefined) {
      reports.push(one.value.report);
      checks.push(...retrainChecks(one.value.report, one.value.pipeline));
    }
  }
  const shown = reports.filter(isShown);
  const told = failed.filter((one) => isTold(one.failure));
  const isSilent = reports.length + failed.length > 0 && shown.length + told.length === 0;
  return {
    reports,
    checks,
    allFailures: failed.map((one) => one.failure),
    failures: told.map((one) => one.failure),
    view: isSilent ? undefined : retrainAllView(shown, told),
  };
}

/** A file that cannot be read is called as its pipeline would be. */
const nameOf = (pipelines: readonly Pipeline[], file: string): string =>
  pipelines.find((one) => one.file === file)?.name ?? file.replace(/^.*\//, '').replace(/\.ya?ml$/, '');

/** Several pipelines go on at a time: what one of them shows is kept until it has ended, so that their lines do not mix. */
async function inOneBlock<T>(services: Services, file: string, work: (own: Services) => Promise<T>): Promise<T> {
  const kept: RefitEvent[] = [];
  services.emit({ type: 'phase', text: `at work on ${file}` });
  try {
    return await work({ ...services, emit: (event) => void kept.push(event) });
  } finally {
    for (const event of kept) services.emit(event);
  }
}

async function retrainOne(
  services: Services,
  file: string,
  { all, ...options }: RetrainOptions & { readonly all: readonly Pipeline[] },
): Promise<Result<{ readonly report: RetrainReport; readonly pipeline: Pipeline } | undefined, Failure>> {
  const loaded = await loadPipeline(services, file);
  if (!loaded.ok) return loaded;
  const declared = loaded.value.pipeline;
  if (declared.retrain === undefined) return ok(undefined);
  const diagnostics = sharedNames(declared, all);
  if (diagnostics.length > 0) return err({ code: 'invalid-pipeline', diagnostics });
  const missing = missingSections(declared, options);
  if (missing !== undefined) return err(missing);
  await warnOfDatasets(services, declared, options);
  const read = await readSources(services, declared, { now: options.now, isRecorded: !options.isDryRun });
  if (!read.ok) return read;
  const pipeline = read.value;
  const done = await retrain(services, pipeline, options);
  return done.ok ? ok({ report: done.value, pipeline }) : done;
}

/** Turns a bug that one pipeline triggers into a failure of that pipeline, so that the others go on. */
async function isolated<T>(pipeline: string, work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  try {
    return await work();
  } catch (error) {
    const failure = worldFailure(error);
    if (failure !== undefined) return err(failure);
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, error: { code: 'bug', pipeline, stack } };
  }
}
