import type { Failure } from '../../domain/failure.js';
import type { ExecutionId, RunId, WorkspacePath } from '../../domain/ids.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Executors } from '../../domain/ports/executors.js';
import type { FileStat } from '../../domain/ports/platform.js';
import type { OutputBackup } from '../../domain/ports/records/run-records.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { MetricPoint } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { onDisk } from '../../domain/support/world-failure.js';
import { takeLeft } from '../executors/take-left.js';
import { readStepMetrics } from '../metrics/step-metrics.js';
import { type Attempts, createAttempts, type LastAttempt, writeLater } from './attempts.js';
import { type CheckpointWork, clearCheckpoint, prepareCheckpoint } from './checkpoint.js';
import { stepEnvironment } from './environment.js';
import { unmetExpectation } from './expectations.js';
import { bringOutputsBack, dropMovedOutputs, findOutputs, moveOutputsAside, pathsWritten } from './outputs.js';

export interface StepWork {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  /** Folder of the run for params files and REFIT_METRICS. */
  readonly scratch: string;
  readonly argv: readonly string[];
  /**
   * Registers the execution and deletes the step's fingerprint. Called within the transaction that opens the journal.
   */
  readonly begin: () => ExecutionId;
  /** Called once the step has succeeded and its outputs exist. */
  readonly release: () => void;
  /** The step has a fingerprint to delete. */
  readonly isRemembered: boolean;
  /** Absent where no step of the run has an image. */
  readonly images?: StepImages;
  readonly checkpoint: CheckpointWork;
  readonly executors: Executors;
  /** Stamps of the inputs, taken before it starts. */
  readonly stamps: ReadonlyMap<WorkspacePath, string>;
  /** What its command may read. */
  readonly reads: readonly string[];
  /** Where strace writes what the step opens, workspace-relative; without it nothing is traced. */
  readonly tracePath?: string;
}

export interface StepProduct {
  readonly metrics: readonly MetricPoint[];
  /** Copies the outputs into the store. Other steps do not wait for it: they read the outputs in the workspace. */
  readonly save: () => Promise<Result<readonly ArtifactUse[], Failure>>;
  /** Call it once the result is on disk. Until then the last good outputs are kept aside. */
  readonly settle: () => Promise<void>;
}

export type StepEnd =
  | {
      /** Registers how the attempts ended, within the transaction that ends the execution. Returns its id. */
      readonly close: () => ExecutionId;
      readonly result: Result<StepProduct, Failure>;
    }
  /** The step could not be started. */
  | { readonly close?: never; readonly failure: Failure };

/**
 * Runs one step: moves old outputs aside, runs the attempts, checks outputs and metrics. On failure it puts
 * everything back.
 */
export async function executeStep(services: Services, work: StepWork): Promise<StepEnd> {
  const { step, run } = work;
  const written = pathsWritten(step);
  const misplaced = misplacedOutput(services, [
    ...written,
    ...(step.checkpoint === undefined ? [] : [step.checkpoint]),
  ]);
  if (misplaced !== undefined) return { failure: misplaced };
  const environment = stepEnvironment(
    work.pipeline,
    step,
    services.surroundings.variables(),
    services.surroundings.env(),
  );
  const { left, work: jobWork, ...rest } = await takeLeft(work);
  if (rest.failure !== undefined) return { failure: rest.failure };
  const executor = work.executors.of(step);
  const attempts = createAttempts(services, { ...work, executor, work: jobWork }, left?.job);
  const there = left?.outputs ?? [];
  const found = there.length > 0 ? there : await findOutputs(services, { run, step: step.name, paths: written });
  // The outputs of the earlier run are back in their places, so what its job made is still in the store.
  const isKept = left !== undefined && there.length < found.length;
  const journal = openJournal(services, work, attempts, { found, takenOver: left?.backups ?? [] });
  if (!environment.ok) return { close: journal.close, result: environment };
  // With no fingerprint to delete and no output to move, a crash before this commit loses nothing. A retry refers to its rows.
  const isPrecious =
    !executor.isLocal ||
    work.isRemembered ||
    step.retries.count > 0 ||
    found.some((one) => one.asidePath !== undefined);
  if (isPrecious) {
    const opened = await services.registry.write(journal.open);
    if (!opened.ok) return { failure: opened.error };
  } else writeLater(services, journal.open, journal.forget);
  const worked = await onDisk(async () => {
    if (left === undefined || isKept) {
      const ready = await makeReady(services, work, isPrecious ? found : []);
      if (!ready.ok) return ready;
    }
    const ran = await attempts.run(environment.value);
    if (!ran.ok) return ran;
    const collected = await collectProduct(services, work, ran.value);
    if (!collected.ok) await ran.value.forget();
    return collected;
  });
  const product = worked.ok ? worked.value : worked;
  if (product.ok) {
    work.release();
    const { forget, ...made } = product.value;
    const settled = async (): Promise<void> => {
      await settle(services, step, found);
      await forget();
    };
    return { close: journal.close, result: ok({ ...made, settle: settled }) };
  }
  const areBack = await bringOutputsBack(services, found);
  return { close: areBack ? journal.close : journal.closeLater, result: product };
}

/** What a step finds when it starts: no old outputs, the folders of its outputs, and its checkpoint. */
async function makeReady(services: Services, { step, checkpoint }: StepWork, aside: readonly OutputBackup[]) {
  await moveOutputsAside(services, aside);
  for (const path of pathsWritten(step)) await services.files.makeFolder(parentOf(path));
  return prepareCheckpoint(services, step, checkpoint);
}

async function settle(services: Services, step: Step, found: readonly OutputBackup[]): Promise<void> {
  await dropMovedOutputs(services, found);
  await clearCheckpoint(services, step);
}

function misplacedOutput({ files }: Services, written: readonly WorkspacePath[]): Failure | undefined {
  for (const path of written) {
    const reason = files.faultOfOutput(path) ?? files.faultOfLink(path);
    if (reason !== undefined) return { code: 'file-unwritable', path, reason };
  }
  return undefined;
}

/**
 * The registry calls that begin and end an execution: its row, its attempts, and the journal of outputs moved aside.
 */
function openJournal(
  services: Services,
  work: StepWork,
  attempts: Attempts,
  {
    found,
    takenOver,
  }: {
    readonly found: readonly OutputBackup[];
    /** Rows of the killed run whose job this one goes on with. */
    readonly takenOver: readonly number[];
  },
) {
  const { runs } = services.registry;
  let execution: ExecutionId | undefined;
  let backups: readonly number[] = [];
  const open = (): ExecutionId => {
    const begun = work.begin();
    attempts.open(begun);
    for (const backup of takenOver) runs.closeBackup(backup);
    backups = found.map(runs.openBackup);
    execution = begun;
    return begun;
  };
  /** The commit of `open` failed: what it wrote is not there, and its numbers may be given to other rows. */
  const forget = (): void => {
    attempts.forget();
    execution = undefined;
    backups = [];
  };
  /** Outputs that are not back yet keep their rows. */
  const closeLater = (): ExecutionId => {
    // If the first rows could not be written, they are written with the last ones.
    const ended = execution ?? open();
    attempts.close();
    return ended;
  };
  return {
    open,
    forget,
    closeLater,
    close: (): ExecutionId => {
      const ended = closeLater();
      for (const backup of backups) runs.closeBackup(backup);
      return ended;
    },
  };
}

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

async function collectProduct(
  services: Services,
  { step }: StepWork,
  { logPath, metricsPath, forget }: LastAttempt,
): Promise<Result<Omit<StepProduct, 'settle'> & Pick<LastAttempt, 'forget'>, Failure>> {
  const parted = await services.artifacts.part(pathsWritten(step));
  if (!parted.ok) return parted;
  const seen: (FileStat | undefined)[] = [];
  for (const path of pathsWritten(step)) {
    const stat = await services.files.stat(path);
    if (stat === undefined) return err({ code: 'output-missing', step: step.name, path, logPath });
    seen.push(stat);
  }
  const metrics = await readStepMetrics(services, step, metricsPath);
  if (!metrics.ok) return metrics;
  const expected = (step.expect?.outputs ?? []).map((one) => one.path);
  const outputs = await services.artifacts.hash(expected, { written: new Set(expected) });
  const unmet = unmetExpectation(step, { metrics: metrics.value, outputs });
  if (unmet !== undefined) return err(unmet);
  return ok({ forget, metrics: metrics.value, save: () => saveOutputs(services, step, seen) });
}

/** Store exactly what the step left: an output that changed since then is not its result. */
async function saveOutputs(
  services: Services,
  step: Step,
  seen: readonly (FileStat | undefined)[],
): Promise<Result<readonly ArtifactUse[], Failure>> {
  const writes: ArtifactUse[] = [];
  for (const [i, path] of pathsWritten(step).entries()) {
    const saved = await services.artifacts.save(path);
    if (!saved.ok) return saved;
    const now = await services.files.stat(path);
    if (now?.size !== seen[i]?.size || now?.mtimeMs !== seen[i]?.mtimeMs)
      return err({ code: 'output-moved', step: step.name, path });
    const name = step.outputs.find((output) => output.path === path)?.name;
    writes.push({ path, artifact: saved.value, name });
  }
  return ok(writes);
}
