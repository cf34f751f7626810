import type { ArtifactUse } from '../domain/artifact.js';
import type { Failure } from '../domain/failure.js';
import type { ExecutionId, RunId } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { MetricPoint } from '../domain/run.js';
import { runAttempts } from './attempts.js';
import { unmetExpectation } from './expectations.js';
import { parseMetrics } from './metrics.js';
import { bringOutputsBack, dropMovedOutputs, type MovedOutput, moveOutputsAside, pathsWritten } from './outputs.js';

export interface StepWork {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  readonly execution: ExecutionId;
  readonly argv: readonly string[];
}

export interface StepProduct {
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
  /** To be called once the product is in the registry: until then the last good outputs are kept aside. */
  readonly settle: () => Promise<void>;
}

/** Runs one step: outputs aside, attempts, outputs and metrics checked and stored; on failure everything is put back. */
export async function executeStep(services: Services, work: StepWork): Promise<Result<StepProduct, Failure>> {
  const { step, run } = work;
  const written = pathsWritten(step);
  const scratch = await services.files.makeScratch('step');
  const moved = await moveOutputsAside(services, run, step.name, written);
  try {
    for (const path of written) await services.files.makeFolder(parentOf(path));
    const ran = await runAttempts(services, { ...work, scratch });
    const product = ran.ok ? await collectProduct(services, work, scratch) : ran;
    if (product.ok) return ok({ ...product.value, settle: () => dropMovedOutputs(services, moved) });
    await restoreLastGood(services, moved, work);
    return product;
  } finally {
    await services.files.remove(scratch);
  }
}

const restoreLastGood = (services: Services, moved: readonly MovedOutput[], work: StepWork): Promise<void> =>
  bringOutputsBack(services, moved, pathsWritten(work.step));

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

async function collectProduct(
  services: Services,
  work: StepWork,
  scratch: string,
): Promise<Result<Omit<StepProduct, 'settle'>, Failure>> {
  const { step } = work;
  const logPath = `.refit/logs/${work.run}/${step.name}.1.log`;
  for (const path of pathsWritten(step))
    if ((await services.files.stat(path)) === undefined)
      return err({ code: 'output-missing', step: step.name, path, logPath });
  const metrics = await readStepMetrics(services, step, scratch);
  if (!metrics.ok) return metrics;
  const writes = await saveOutputs(services, step);
  if (!writes.ok) return writes;
  const unmet = unmetExpectation(step, { metrics: metrics.value, writes: writes.value });
  return unmet === undefined ? ok({ writes: writes.value, metrics: metrics.value }) : err(unmet);
}

async function saveOutputs(services: Services, step: Step): Promise<Result<readonly ArtifactUse[], Failure>> {
  const writes: ArtifactUse[] = [];
  for (const path of pathsWritten(step)) {
    const saved = await services.artifacts.save(path);
    if (!saved.ok) return saved;
    const name = step.outputs.find((output) => output.path === path)?.name;
    writes.push({ path, artifact: saved.value, ...(name === undefined ? {} : { name }) });
  }
  return ok(writes);
}

/** The step's metrics file and what it appended to REFIT_METRICS. */
async function readStepMetrics(
  services: Pick<Services, 'files'>,
  step: Step,
  scratch: string,
): Promise<Result<readonly MetricPoint[], Failure>> {
  const points: MetricPoint[] = [];
  for (const path of [step.metricsPath, `${scratch}/metrics.jsonl`]) {
    if (path === undefined || (await services.files.stat(path)) === undefined) continue;
    const text = await services.files.readText(path);
    if (!text.ok) return text;
    const parsed = parseMetrics(path, text.value);
    const shown = path === step.metricsPath ? path : 'REFIT_METRICS';
    if (!parsed.ok) return err({ code: 'metrics-invalid', step: step.name, path: shown, ...parsed.error });
    points.push(...parsed.value);
  }
  return ok(points);
}
