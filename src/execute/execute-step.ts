import type { ArtifactUse } from '../domain/artifact.js';
import type { Failure } from '../domain/failure.js';
import type { ExecutionId, RunId } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { MetricPoint } from '../domain/run.js';
import { createAttempts, type LastAttempt } from './attempts.js';
import { stepEnvironment } from './environment.js';
import { checkExpectations, readStepMetrics } from './expectations.js';
import { bringOutputsBack, dropMovedOutputs, findOutputs, moveOutputsAside, pathsWritten } from './outputs.js';

export interface StepWork {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  /** Folder of the run for params files and REFIT_METRICS. */
  readonly scratch: string;
  readonly argv: readonly string[];
  /** Registers the execution and forgets the step's fingerprint; called within the transaction that opens the journal. */
  readonly begin: () => ExecutionId;
}

export interface StepProduct {
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
  /** To be called once the product is on the disk: until then the last good outputs are kept aside. */
  readonly settle: () => Promise<void>;
}

/** `close`: registry calls that belong into the transaction that ends the execution. */
export type StepEnd =
  | { readonly execution: ExecutionId; readonly product: StepProduct; readonly close: () => void }
  | {
      readonly execution: ExecutionId;
      readonly product?: never;
      readonly failure: Failure;
      readonly close: () => void;
    }
  | { readonly execution?: never; readonly failure: Failure };

/** Runs one step: outputs aside, attempts, outputs and metrics checked and stored; on failure everything is put back. */
export async function executeStep(services: Services, work: StepWork): Promise<StepEnd> {
  const { step, run } = work;
  const { runs } = services.registry;
  const written = pathsWritten(step);
  const environment = stepEnvironment(work.pipeline, step, services.surroundings.env());
  const attempts = createAttempts(services, work);
  const found = await findOutputs(services, { run, step: step.name, paths: written });
  const begun = await services.registry.write(() => {
    const execution = work.begin();
    if (!environment.ok) return { execution, backups: [] };
    attempts.open(execution);
    return { execution, backups: found.map((one) => ({ ...one, backup: runs.openBackup(one) })) };
  });
  if (!begun.ok) return { failure: begun.error };
  const { execution, backups } = begun.value;
  if (!environment.ok) return { execution, failure: environment.error, close: attempts.close };
  await moveOutputsAside(services, backups);
  for (const path of written) await services.files.makeFolder(parentOf(path));
  const ran = await attempts.run(environment.value);
  const product = ran.ok ? await collectProduct(services, work, ran.value) : ran;
  const close = (): void => {
    attempts.close();
    for (const { backup } of backups) runs.closeBackup(backup);
  };
  if (product.ok)
    return { execution, close, product: { ...product.value, settle: () => dropMovedOutputs(services, backups) } };
  await bringOutputsBack(services, backups, written);
  return { execution, close, failure: product.error };
}

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

async function collectProduct(
  services: Services,
  { step }: StepWork,
  { logPath, metricsPath }: LastAttempt,
): Promise<Result<Omit<StepProduct, 'settle'>, Failure>> {
  for (const path of pathsWritten(step))
    if ((await services.files.stat(path)) === undefined)
      return err({ code: 'output-missing', step: step.name, path, logPath });
  const metrics = await readStepMetrics(services, step, metricsPath);
  if (!metrics.ok) return metrics;
  const unmet = checkExpectations(step, metrics.value);
  if (unmet !== undefined) return err(unmet);
  const writes = await saveOutputs(services, step);
  return writes.ok ? ok({ writes: writes.value, metrics: metrics.value }) : writes;
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
