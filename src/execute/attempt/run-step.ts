import { countTableRows } from '../../data/datasets/count-rows.js';
import type { Failure } from '../../domain/failure.js';
import type { ExecutionId, RunId, StepName } from '../../domain/ids.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { PlannedStep, RememberedExecution } from '../../domain/pipeline/plan.js';
import type { Executors } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { ExecutionResult, MetricPoint, StepStatus } from '../../domain/runs/run.js';
import type { RunOptions, UndeclaredUse } from '../../domain/runs/run-report.js';
import type { JsonObject } from '../../domain/support/json.js';
import { ok, type Result } from '../../domain/support/result.js';
import { roundDown } from '../../domain/support/time.js';
import { onDisk } from '../../domain/support/world-failure.js';
import { isParentPlace } from '../../models/parents.js';
import type { DecidedStep } from '../decide-steps.js';
import { discardLeft } from '../executors/take-left.js';
import { type NewRows, newRowsOf } from '../parents/new-rows.js';
import { movedParents, placeParents } from '../parents/place-parents.js';
import { type PlacedQueries, placeQueries } from '../place-queries.js';
import { decideStep } from '../plan/decide-step.js';
import { resolveMadeDatasets } from '../plan-pipeline.js';
import { readInputs } from '../step-inputs.js';
import { loadStepState, type StepContext } from '../step-state.js';
import { readTrace, tracePathOf, withTrace } from '../trace/read-trace.js';
import { trackedFiles } from '../trace/tracked-files.js';
import { resolveCommand } from './command.js';
import { executeStep, type StepProduct } from './execute-step.js';
import { restoreOutputs } from './restore-outputs.js';
import { readsOf } from './step-reads.js';

export interface StepOutcome {
  /** Dependents may start. */
  readonly isGood: boolean;
  readonly isTainted: boolean;
  readonly failure?: Failure;
  /** For a traced step. */
  readonly undeclared?: UndeclaredUse;
}

/** A failure to store a result; an error if not even that could be recorded. */
type Recorded = Result<Failure | undefined, Failure>;

export interface Recording {
  readonly add: (recorded: Promise<Recorded>) => void;
}

export interface RunContext extends StepContext {
  readonly runId: RunId;
  /** Workspace-relative folder for params and metrics files. */
  readonly scratch: string;
  /** Steps decided before anything ran. */
  readonly decided: ReadonlyMap<StepName, DecidedStep>;
  /** Results that are still being stored. */
  readonly recording: Recording;
  readonly placed: PlacedQueries;
  /** Absent where no step of the run has an image. */
  readonly images?: StepImages;
  readonly executors: Executors;
}

/** The context of one step. */
export interface StepRun extends RunContext {
  /** Releases its job slot and resources before its inputs are hashed again. */
  readonly release: () => void;
}

interface Work extends DecidedStep {
  readonly step: Step;
  readonly context: StepRun;
  readonly startedMs: number;
}

/**
 * Decides one step once its inputs exist, and runs, restores or skips it. Recording continues in the background. What the disk
 * refuses on the way fails the step, and the run ends as any other that failed.
 */
export async function runStep(services: Services, step: Step, context: StepRun): Promise<StepOutcome> {
  const done = await onDisk(() => decideAndRun(services, step, context));
  return done.ok ? done.value : { isGood: false, isTainted: false, failure: done.error };
}

/** With the reasons that `options` has for a step: a training just before this run hides them. */
const withReasons = (planned: PlannedStep, { reasons }: Pick<RunOptions, 'reasons'>): PlannedStep => {
  const known = planned.action === 'run' ? reasons?.get(planned.name) : undefined;
  return known === undefined || known.length === 0 ? planned : { ...planned, reasons: known };
};

async function decideAndRun(services: Services, step: Step, context: StepRun): Promise<StepOutcome> {
  const startedMs = services.clock.monotonicMs();
  const early = context.decided.get(step.name);
  const decided = early === undefined ? await decideNow(services, step, context) : ok({ ...early, context });
  if (!decided.ok) {
    const row = newExecution(services, step, context.runId, []);
    const close = () => services.registry.runs.startExecution(row);
    return end(services, { step, startedMs, context }, { status: 'failed', failure: decided.error, close });
  }
  const work: Work = {
    step,
    ...decided.value,
    planned: withReasons(decided.value.planned, context.options),
    startedMs,
  };
  const { planned, known } = work;
  services.emit({ type: 'step-decided', step: step.name, action: planned.action, reasons: planned.reasons });
  if (planned.action !== 'run') await discardLeft(services, await context.executors.left(step));
  const { remembered, stored } = known.state;
  if (planned.action === 'skip' && remembered !== undefined) return skip(services, work, remembered);
  if (planned.action === 'restore' && stored !== undefined) return restore(services, work, stored);
  return execute(services, work);
}

/** Reads again what other steps have made by now. */
export async function decideNow(
  services: Services,
  step: Step,
  context: StepRun,
): Promise<Result<DecidedStep & { readonly context: StepRun }, Failure>> {
  const made = await resolveMadeDatasets(services, context.pipeline, step, context.options);
  if (!made.ok) return made;
  const here =
    made.value.size === 0 ? context : { ...context, datasets: new Map([...context.datasets, ...made.value]) };
  const known = await loadStepState(services, step, here);
  return known.ok ? ok({ known: known.value, planned: decideStep(step, known.value.state), context: here }) : known;
}

const newExecution = (services: Services, step: Step, run: RunId, reasons: PlannedStep['reasons']) => ({
  run,
  step: step.name,
  role: step.role,
  reasons,
  startedAt: services.clock.now(),
});

/** The row of a skipped step refers to the execution whose result it uses. */
export const skippedRow = (step: Step, run: RunId, source: ExecutionId, at: ReturnType<Services['clock']['now']>) => ({
  run,
  step: step.name,
  role: step.role,
  source,
  at,
});

function skip(services: Services, { step, context, startedMs }: Work, source: RememberedExecution): StepOutcome {
  const row = skippedRow(step, context.runId, source.execution, services.clock.now());
  const recorded = services.registry.write(() => services.registry.runs.recordSkipped(row));
  context.recording.add(recorded.then((result) => (result.ok ? ok(undefined) : result)));
  finished(services, step, { status: 'skipped', startedMs });
  return { isGood: true, isTainted: false };
}

/** A damaged object in the store leads to a warning and a rerun, never to a wrong result. */
async function restore(services: Services, work: Work, stored: RememberedExecution): Promise<StepOutcome> {
  const { step, context, planned, known } = work;
  const { runs } = services.registry;
  const begun = await services.registry.write(() =>
    runs.startExecution(newExecution(services, step, context.runId, planned.reasons)),
  );
  if (!begun.ok) return { isGood: false, isTainted: false, failure: begun.error };
  if (!(await restoreOutputs(services, step, stored))) return execute(services, work, begun.value);
  return end(services, work, {
    status: 'restored',
    close: () => begun.value,
    reads: known.inputs.uses,
    writes: runs.uses(stored.execution).writes,
    metrics: runs.metrics(stored.execution),
    source: stored.execution,
    ...remembering(work),
  });
}

/** `begun`: set by a restore that found a damaged object. */
async function execute(services: Services, work: Work, begun?: ExecutionId): Promise<StepOutcome> {
  const { step, context, planned } = work;
  const { runs } = services.registry;
  // May be written after the step has ended, so the start time is passed in.
  const row = newExecution(services, step, context.runId, planned.reasons);
  const begin = () => begun ?? runs.startExecution(row);
  const datasets = await placeQueries(services, step, context);
  if (!datasets.ok) return end(services, work, { status: 'failed', failure: datasets.error, close: begin });
  const parents = await placeParents(services, work.known.parents);
  if (!parents.ok) return end(services, work, { status: 'failed', failure: parents.error, close: begin });
  const placed = { ...work, context: { ...context, datasets: datasets.value } };
  const news = await newRowsOf(services, {
    ...placed.context,
    step: step.name,
    parents: work.known.parents,
    uses: work.known.inputs.uses,
  });
  if (!news.ok) return end(services, work, { status: 'failed', failure: news.error, close: begin });
  return executePlaced(services, { ...placed, news: news.value }, begin);
}

interface PlacedWork extends Work {
  readonly news: NewRows;
}

async function executePlaced(services: Services, work: PlacedWork, begin: () => ExecutionId): Promise<StepOutcome> {
  const { step, context, known } = work;
  const before = services.artifacts.stamp(known.inputs.uses.map((use) => use.path));
  const startedAt = services.clock.now();
  const ran = await executeStep(services, {
    pipeline: context.pipeline,
    step,
    run: context.runId,
    scratch: context.scratch,
    images: context.images,
    argv: resolveCommand(step.command, commandValues(work)),
    release: context.release,
    begin,
    isRemembered: known.state.remembered !== undefined,
    executors: context.executors,
    stamps: before,
    reads: readsOf({ ...context, step, inputs: known.inputs, parents: known.parents, news: work.news }),
    checkpoint: {
      run: context.runId,
      fingerprint: work.planned.fingerprint,
      isForced: known.state.isForced,
    },
    ...(context.options.isTraced ? { tracePath: tracePathOf(context.scratch, step) } : {}),
  });
  if (ran.close === undefined) return { isGood: false, isTainted: false, failure: ran.failure };
  const { result } = ran;
  const traced = context.options.isTraced
    ? await readTrace(services, { step, scratch: context.scratch, inputs: known.inputs.uses, startedAt })
    : undefined;
  const close = traced === undefined ? ran.close : withTrace(services, ran.close, traced.files);
  const tracked = context.options.isTracked ? await trackedFiles(services, traced, startedAt) : undefined;
  const reads = [...known.inputs.uses, ...work.news.reads, ...(tracked?.reads ?? [])];
  if (!result.ok) return end(services, work, { status: statusOf(result.error), reads, failure: result.error, close });
  const moved = [...(await movedInputs(services, work, before)), ...(tracked?.moved ?? [])];
  const failure: Failure | undefined =
    moved.length === 0 ? undefined : { code: 'input-moved', step: step.name, paths: moved };
  const ended = end(services, work, {
    status: 'succeeded',
    close,
    reads,
    product: { ...result.value, ...tracked?.product },
    metrics: result.value.metrics,
    ...(failure === undefined ? remembering(work) : { failure }),
  });
  const undeclared = traced && { ...traced.undeclared, changed: tracked?.changed };
  return { ...ended, undeclared };
}

function remembering({ known, planned }: Work): Pick<ExecutionResult, 'remember'> {
  const { parts } = known.state;
  const { fingerprint } = planned;
  return parts === undefined || fingerprint === undefined ? {} : { remember: { fingerprint, parts } };
}

function commandValues({ step, context, known, news }: PlacedWork) {
  const { options, pipeline, datasets, runId } = context;
  const { since } = options.trigger;
  return {
    params: pipeline.params,
    // A query is copied only after the step has been decided.
    inputs: known.inputs.words.map((words, i) => {
      const input = step.inputs?.[i];
      return input?.kind === 'dataset' ? (datasets.get(input.name)?.files ?? words) : words;
    }),
    outputs: step.outputs,
    datasets: Object.fromEntries([...datasets].map(([name, dataset]) => [name, dataset.files])),
    matrix: step.matrix,
    now: roundDown(options.now, pipeline.nowRoundingMs),
    runId,
    since,
    parents: Object.fromEntries([...known.parents].map(([name, use]) => [name, use?.path])),
    windows: news.windows,
  };
}

/**
 * Inputs that appeared, disappeared or were written while the step ran, even if restored since: the step may have
 * read other bytes.
 */
async function movedInputs(
  services: Services,
  { step, context, known }: Work,
  before: ReturnType<Services['artifacts']['stamp']>,
): Promise<readonly string[]> {
  const uses = known.inputs.uses.filter((use) => !isParentPlace(use.path));
  // `written` allows files on other disks. What was allowed before the step is allowed after it.
  const written = new Set(uses.map((use) => use.path));
  const after = await readInputs(services, step.name, step.inputs ?? [], context.datasets, written);
  if (!after.ok) return uses.map((use) => use.path);
  const stamps = services.artifacts.stamp(uses.map((use) => use.path));
  const now = new Map(after.value.uses.map((use) => [use.path, use.artifact.hash]));
  const were = new Set(uses.map((use) => use.path));
  return [
    ...uses
      .filter(({ path, artifact }) => now.get(path) !== artifact.hash || stamps.get(path) !== before.get(path))
      .map((use) => use.path),
    ...after.value.uses.filter((use) => !were.has(use.path)).map((use) => use.path),
    ...(await movedParents(services, known.parents)),
  ];
}

function statusOf(failure: Failure): StepStatus {
  if (failure.code === 'step-timed-out') return 'timed-out';
  return failure.code === 'step-cancelled' ? 'cancelled' : 'failed';
}

interface Ending extends Pick<ExecutionResult, 'remember' | 'source'> {
  readonly status: StepStatus;
  readonly failure?: Failure;
  /** Registry calls that belong in the same transaction as the end of the execution. */
  readonly close: () => ExecutionId;
  readonly reads?: readonly ArtifactUse[];
  readonly writes?: readonly ArtifactUse[];
  readonly metrics?: readonly MetricPoint[];
  /** Outputs to store before the fingerprint is recorded. */
  readonly product?: StepProduct;
}

/** The step's outcome. Storing and recording it continues while dependent steps start. */
function end(
  services: Services,
  { step, context, startedMs }: Pick<Work, 'step' | 'startedMs' | 'context'>,
  ending: Ending,
): StepOutcome {
  const { status, failure } = ending;
  context.recording.add(record(services, ending));
  finished(services, step, { status, startedMs, failure });
  return {
    isGood: status === 'succeeded' || status === 'restored',
    isTainted: failure?.code === 'input-moved',
    failure,
  };
}

/**
 * Store, then record the fingerprint, then delete the last good outputs. A result that could not be stored gets no
 * fingerprint.
 */
async function record(services: Services, ending: Ending): Promise<Recorded> {
  const { status, failure, close, reads, metrics, remember, source, product } = ending;
  const finishedAt = services.clock.now();
  const saved = product === undefined ? ok(ending.writes ?? []) : await product.save();
  const unsaved = saved.ok ? undefined : saved.error;
  const writes = saved.ok ? await countTableRows(services, saved.value) : [];
  await keepListings(services, reads ?? []);
  const fault = unsaved ?? failure;
  const recorded = await services.registry.write(() =>
    services.registry.runs.finishExecution(close(), {
      status: unsaved === undefined ? status : 'failed',
      finishedAt,
      reads: reads ?? [],
      writes,
      metrics: metrics ?? [],
      failure: fault === undefined ? undefined : asJson(fault),
      source,
      ...(remember === undefined || unsaved !== undefined ? {} : { remember }),
    }),
  );
  if (!recorded.ok) return recorded;
  await product?.settle();
  return ok(unsaved);
}

/**
 * Stores listings of the folders that were read, so that lineage can be asked about a single file. A missing listing
 * does no harm.
 */
async function keepListings(services: Services, reads: readonly ArtifactUse[]): Promise<void> {
  for (const { path, artifact } of reads)
    if (artifact.kind === 'folder') await services.artifacts.saveListing(path, artifact.hash);
}

function finished(
  services: Services,
  step: Step,
  ended: { readonly status: StepStatus; readonly startedMs: number; readonly failure?: Failure | undefined },
): void {
  const { status, startedMs, failure } = ended;
  services.emit({
    type: 'step-finished',
    step: step.name,
    status,
    durationMs: services.clock.monotonicMs() - startedMs,
    failure,
  });
}

/** Failures are plain data. Values that JSON cannot represent are dropped. */
const asJson = (failure: Failure): JsonObject => JSON.parse(JSON.stringify(failure));
