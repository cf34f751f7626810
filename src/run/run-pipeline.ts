import { trainingWindows } from '../data/windows/training-windows.js';
import type { PipelineResult } from '../domain/decisions/retrain-report.js';
import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunOptions, RunReport } from '../domain/runs/run-report.js';
import { ok, type Result } from '../domain/support/result.js';
import { executePipeline } from '../execute/execute-pipeline.js';
import type { Sharing } from '../execute/sharing/sharing.js';
import type { Judged } from '../gate/register-model.js';
import { rollbackTarget } from '../models/rollback-obstacle.js';
import { refuseSharing } from '../pipeline/shared-names.js';
import { parentNames } from '../pipeline/starts-from.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';
import { withSharedLock } from '../serving/shared-lock.js';
import { storeInputs } from './store-inputs.js';
import { trainFromZero } from './train-from-zero.js';

/** Runs a pipeline, beside other runs of it where it can. If it has a model, registers, scores and judges it. Never publishes. */
export async function runPipeline(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions & { readonly waitMs?: number },
): Promise<Result<PipelineResult, Failure>> {
  const work = async (sharing?: Sharing): Promise<Result<PipelineResult, Failure>> => {
    const own = await refuseSharing(services, pipeline);
    return own.ok ? runLocked(services, pipeline, options, sharing) : own;
  };
  // Runs that start from the champion put it in one place, and may train twice.
  const isWarm = pipeline.steps.some((step) => parentNames(step).length > 0);
  return isWarm
    ? withPipelineLock(services, pipeline, options.waitMs, () => work())
    : withSharedLock(services, pipeline, options.waitMs, work);
}

/** Like `runPipeline`, for a caller that holds the lock, or shares it (`sharing`). */
export async function runLocked(
  services: Services,
  pipeline: Pipeline,
  asked: RunOptions,
  sharing?: Sharing,
): Promise<Result<PipelineResult, Failure>> {
  // Looked up once, because the comparison from zero must read the same rows.
  const options = { ...asked, windows: asked.windows ?? trainingWindows(services, pipeline, asked) };
  const compared = await trainFromZero(services, pipeline, options);
  if (!compared.ok) return compared;
  const executed = await executePipeline(services, pipeline, { ...options, reasons: compared.value }, sharing);
  if (!executed.ok) return executed;
  const report = executed.value;
  const base: PipelineResult = { report, isNewVersion: false, evaluations: [] };
  if (report.run.status !== 'succeeded') {
    if (isModelLeft(services, pipeline, report))
      services.emit({
        type: 'warning',
        code: 'model-not-registered',
        text: `all steps are done, and the model is not registered: the next "refit run ${pipeline.name}" registers it, and runs no step again`,
      });
    return ok(base);
  }
  // The reference for later checks is measured while the model is judged.
  const [measured, judged] = await Promise.all([
    recordReference(services, pipeline, report.run.id, options),
    judgeModel(services, pipeline, report, options),
    report.run.isTainted ? undefined : storeInputs(services, report),
  ]);
  const failure = judged.failure ?? (measured.ok ? undefined : measured.error);
  const isUnfit = judged.isServing === true && judged.gate?.verdict === 'fail';
  const rollbackTo = isUnfit ? rollbackTarget(services, pipeline) : undefined;
  return ok({ ...base, ...judged, rollbackTo, ...(failure === undefined ? {} : { failure }) });
}

/** The run was cancelled between its last step and the registration of its model. */
const isModelLeft = ({ registry }: Services, { model }: Pipeline, { run, failures, notStarted }: RunReport): boolean =>
  model !== undefined &&
  run.status === 'cancelled' &&
  failures.length + notStarted.length === 0 &&
  registry.runs.artifactAt(run.id, model.path) !== undefined;

async function recordReference(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  options: RunOptions,
): Promise<Result<void, Failure>> {
  if (pipeline.datasets.length === 0 && pipeline.monitor === undefined) return ok(undefined);
  const { recordDatasetSizes } = await import('../data/datasets/new-data.js');
  const { profileReference } = await import('../data/windows/reference-profile.js');
  // A run of only some steps may have left out the one that reads new rows, so its rows are not counted as trained on.
  const isWhole = options.until === undefined && options.only === undefined && options.from === undefined;
  const sized = isWhole ? await recordDatasetSizes(services, pipeline, run, options) : ok(undefined);
  const profiled = sized.ok ? await profileReference(services, pipeline, run, options) : sized;
  if (!profiled.ok || pipeline.monitor?.current === undefined) return profiled;
  const { keepInferredSchemas } = await import('../data/keep-schemas.js');
  return keepInferredSchemas(services, pipeline, run, options);
}

async function judgeModel(
  services: Services,
  pipeline: Pipeline,
  report: RunReport,
  options: RunOptions,
): Promise<Judged> {
  if (pipeline.model === undefined) return {};
  const { registerAndJudge } = await import('../gate/register-model.js');
  return registerAndJudge(services, pipeline, report, options);
}
