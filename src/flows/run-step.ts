import type { ArtifactUse } from '../domain/artifact.js';
import type { Failure } from '../domain/failure.js';
import type { ExecutionId, RunId, StepName } from '../domain/ids.js';
import type { JsonObject } from '../domain/json.js';
import type { Step } from '../domain/pipeline.js';
import type { PlannedStep, RememberedExecution } from '../domain/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/result.js';
import type { ExecutionResult, MetricPoint, StepStatus } from '../domain/run.js';
import { roundDown } from '../domain/time.js';
import { resolveCommand } from '../execute/command.js';
import { executeStep, type StepProduct } from '../execute/execute-step.js';
import { pathsWritten } from '../execute/outputs.js';
import { decideStep } from '../plan/decide-step.js';
import { countTableRows } from './count-rows.js';
import type { DecidedStep } from './decide-steps.js';
import { readInputs, type StepInputs } from './step-inputs.js';
import { loadStepState, type StepContext } from './step-state.js';

export interface StepOutcome {
  /** Dependents may start. */
  readonly isGood: boolean;
  readonly isTainted: boolean;
  readonly failure?: Failure;
}

export interface RunContext extends StepContext {
  readonly runId: RunId;
  /** Workspace-relative; for the files that steps are handed. */
  readonly scratch: string;
  /** Decided before anything ran. */
  readonly decided: ReadonlyMap<StepName, DecidedStep>;
  /** Results on their way to the disk; a dependent step need not wait for them. */
  readonly recording: Promise<Result<unknown, Failure>>[];
}

interface Work extends DecidedStep {
  readonly step: Step;
  readonly context: RunContext;
  readonly startedMs: number;
}

/** Decides one step now that what it needs is there, does it, and records it. */
export async function runStep(services: Services, step: Step, context: RunContext): Promise<StepOutcome> {
  const startedMs = services.clock.monotonicMs();
  const decided = context.decided.get(step.name) ?? (await decideNow(services, step, context));
  if ('code' in decided) {
    const begun = await begin(services, step, context.runId, []);
    return begun.ok
      ? end(services, { step, startedMs, context, execution: begun.value }, { status: 'failed', failure: decided })
      : { isGood: false, isTainted: false, failure: begun.error };
  }
  const work: Work = { step, context, ...decided, startedMs };
  const { planned, known } = decided;
  services.emit({ type: 'step-decided', step: step.name, action: planned.action, reasons: planned.reasons });
  const { remembered, stored } = known.state;
  if (planned.action === 'skip' && remembered !== undefined) return skip(services, work, remembered);
  if (planned.action === 'restore' && stored !== undefined) return restore(services, work, stored);
  return execute(services, work);
}

async function decideNow(services: Services, step: Step, context: RunContext): Promise<DecidedStep | Failure> {
  const known = await loadStepState(services, step, context);
  return known.ok ? { known: known.value, planned: decideStep(step, known.value.state) } : known.error;
}

/** Forget: from here on a crash means "stale". */
const begin = (
  services: Services,
  step: Step,
  run: RunId,
  reasons: PlannedStep['reasons'],
): Promise<Result<ExecutionId, Failure>> =>
  services.registry.write(() => services.registry.runs.startExecution(newExecution(services, step, run, reasons)));

const newExecution = (services: Services, step: Step, run: RunId, reasons: PlannedStep['reasons']) => ({
  run,
  step: step.name,
  ...(step.role === undefined ? {} : { role: step.role }),
  reasons,
  startedAt: services.clock.now(),
});

/** The row of a step that is skipped: it refers to the result that stands for it. */
export const skippedRow = (step: Step, run: RunId, source: ExecutionId, at: ReturnType<Services['clock']['now']>) => ({
  run,
  step: step.name,
  ...(step.role === undefined ? {} : { role: step.role }),
  source,
  at,
});

function skip(services: Services, { step, context, startedMs }: Work, source: RememberedExecution): StepOutcome {
  const row = skippedRow(step, context.runId, source.execution, services.clock.now());
  context.recording.push(services.registry.write(() => services.registry.runs.recordSkipped(row)));
  finished(services, step, { status: 'skipped', startedMs });
  return { isGood: true, isTainted: false };
}

/** A damaged stored object is a warning and a rerun, never a wrong result. */
async function restore(services: Services, work: Work, stored: RememberedExecution): Promise<StepOutcome> {
  const { step, context, planned, known } = work;
  const begun = await begin(services, step, context.runId, planned.reasons);
  if (!begun.ok) return { isGood: false, isTainted: false, failure: begun.error };
  if (!(await restoreOutputs(services, step, stored))) return execute(services, work, begun.value);
  const { runs } = services.registry;
  return end(
    services,
    { ...work, execution: begun.value },
    {
      status: 'restored',
      reads: known.inputs.uses,
      writes: runs.uses(stored.execution).writes,
      metrics: runs.metrics(stored.execution),
      source: stored.execution,
      ...remembering(work),
    },
  );
}

async function restoreOutputs(services: Services, step: Step, stored: RememberedExecution): Promise<boolean> {
  for (const path of pathsWritten(step)) {
    const output = stored.outputs.find((one) => one.path === path);
    const restored = output === undefined ? undefined : await services.artifacts.restore(output.hash, path);
    if (restored?.ok) continue;
    services.emit({
      type: 'warning',
      code: 'damaged-object',
      text: `the stored ${path} is damaged; "${step.name}" runs again`,
    });
    return false;
  }
  return true;
}

/** `execution`: already begun, by a restore that found a damaged object. */
async function execute(services: Services, work: Work, execution?: ExecutionId): Promise<StepOutcome> {
  const { step, context, planned, known } = work;
  const { runs } = services.registry;
  const ran = await executeStep(services, {
    pipeline: context.pipeline,
    step,
    run: context.runId,
    scratch: context.scratch,
    argv: resolveCommand(step.command, commandValues(work)),
    begin: () => execution ?? runs.startExecution(newExecution(services, step, context.runId, planned.reasons)),
  });
  if (ran.execution === undefined) return { isGood: false, isTainted: false, failure: ran.failure };
  const running = { ...work, execution: ran.execution };
  if (ran.product === undefined)
    return end(services, running, {
      status: statusOf(ran.failure),
      reads: known.inputs.uses,
      failure: ran.failure,
      close: ran.close,
    });
  return succeed(services, running, ran.product, ran.close);
}

async function succeed(
  services: Services,
  work: Work & { readonly execution: ExecutionId },
  product: StepProduct,
  close: () => void,
): Promise<StepOutcome> {
  const { step, known } = work;
  const moved = await movedInputs(services, work, known.inputs);
  const writes = await countTableRows(services, product.writes);
  return end(services, work, {
    status: 'succeeded',
    reads: known.inputs.uses,
    writes,
    metrics: product.metrics,
    close,
    settle: product.settle,
    ...(moved.length === 0
      ? remembering(work)
      : { failure: { code: 'input-moved', step: step.name, paths: moved } as const }),
  });
}

function remembering({ known, planned }: Work): Pick<ExecutionResult, 'remember'> {
  const { parts } = known.state;
  const { fingerprint } = planned;
  return parts === undefined || fingerprint === undefined ? {} : { remember: { fingerprint, parts } };
}

function commandValues({ step, context, known }: Work) {
  const { options, pipeline, datasets, runId } = context;
  const { since } = options.trigger;
  return {
    params: pipeline.params,
    inputs: known.inputs.words,
    outputs: step.outputs,
    datasets: Object.fromEntries([...datasets].map(([name, dataset]) => [name, dataset.files])),
    matrix: step.matrix,
    now: roundDown(options.now, pipeline.nowRoundingMs),
    runId,
    ...(since === undefined ? {} : { since }),
  };
}

/** Inputs whose content is no longer what was hashed before the step. */
async function movedInputs(
  services: Services,
  { step, context }: Work,
  before: StepInputs,
): Promise<readonly string[]> {
  const after = await readInputs(services, step.name, step.inputs ?? [], context.datasets);
  if (!after.ok) return before.uses.map((use) => use.path);
  const now = new Map(after.value.uses.map((use) => [use.path, use.artifact.hash]));
  return before.uses.filter((use) => now.get(use.path) !== use.artifact.hash).map((use) => use.path);
}

function statusOf(failure: Failure): StepStatus {
  if (failure.code === 'step-timed-out') return 'timed-out';
  return failure.code === 'step-cancelled' ? 'cancelled' : 'failed';
}

interface Ending extends Pick<ExecutionResult, 'remember' | 'source'> {
  readonly status: StepStatus;
  readonly reads?: readonly ArtifactUse[];
  readonly writes?: readonly ArtifactUse[];
  readonly metrics?: readonly MetricPoint[];
  readonly failure?: Failure;
  /** Registry calls that belong into the same transaction. */
  readonly close?: () => void;
  /** To be done once the result is on the disk. */
  readonly settle?: () => Promise<void>;
}

/** Remember: the result goes to the registry; what follows the step need not wait until it is on the disk. */
function end(
  services: Services,
  work: Pick<Work, 'step' | 'startedMs' | 'context'> & { readonly execution: ExecutionId },
  ending: Ending,
): StepOutcome {
  const { runs } = services.registry;
  const { status, failure, close, settle, reads, writes, metrics, remember, source } = ending;
  const finishedAt = services.clock.now();
  const recorded = services.registry.write(() => {
    close?.();
    runs.finishExecution(work.execution, {
      status,
      finishedAt,
      reads: reads ?? [],
      writes: writes ?? [],
      metrics: metrics ?? [],
      ...(failure === undefined ? {} : { failure: asJson(failure) }),
      ...(source === undefined ? {} : { source }),
      ...(remember === undefined ? {} : { remember }),
    });
  });
  work.context.recording.push(settle === undefined ? recorded : settleAfter(recorded, settle));
  finished(services, work.step, { status, startedMs: work.startedMs, failure });
  return {
    isGood: status === 'succeeded' || status === 'restored',
    isTainted: failure?.code === 'input-moved',
    ...(failure === undefined ? {} : { failure }),
  };
}

/** The outputs that were moved aside are only given up when the new ones are remembered. */
async function settleAfter(
  recorded: Promise<Result<void, Failure>>,
  settle: () => Promise<void>,
): Promise<Result<void, Failure>> {
  const result = await recorded;
  if (result.ok) await settle();
  return result;
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
    ...(failure === undefined ? {} : { failure }),
  });
}

/** Failures are plain data; a value that JSON cannot say is dropped. */
const asJson = (failure: Failure): JsonObject => JSON.parse(JSON.stringify(failure));
