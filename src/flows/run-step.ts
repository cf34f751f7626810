import type { ArtifactUse } from '../domain/artifact.js';
import type { Failure } from '../domain/failure.js';
import type { ExecutionId, RunId } from '../domain/ids.js';
import type { JsonObject } from '../domain/json.js';
import type { Step } from '../domain/pipeline.js';
import type { PlannedStep, RememberedExecution } from '../domain/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { MetricPoint, StepStatus } from '../domain/run.js';
import { roundDown } from '../domain/time.js';
import { resolveCommand } from '../execute/command.js';
import { executeStep } from '../execute/execute-step.js';
import { pathsWritten } from '../execute/outputs.js';
import { decideStep } from '../plan/decide-step.js';
import { countTableRows } from './count-rows.js';
import { readInputs, type StepInputs } from './step-inputs.js';
import { type KnownStep, loadStepState, type StepContext } from './step-state.js';

export interface StepOutcome {
  /** Dependents may start. */
  readonly isGood: boolean;
  readonly isTainted: boolean;
  readonly isRecorded: boolean;
  readonly failure?: Failure;
}

interface Work {
  readonly step: Step;
  readonly context: StepContext & { readonly runId: RunId };
  readonly known: KnownStep;
  readonly planned: PlannedStep;
  readonly execution: ExecutionId;
  readonly startedMs: number;
}

/** Decides one step now that what it needs is there, does it, and records it. */
export async function runStep(
  services: Services,
  step: Step,
  context: StepContext & { readonly runId: RunId },
): Promise<StepOutcome> {
  const known = await loadStepState(services, step, context);
  if (!known.ok) {
    services.emit({ type: 'step-finished', step: step.name, status: 'failed', durationMs: 0, failure: known.error });
    return recordRefused(services, step, context.runId, known.error);
  }
  const planned = decideStep(step, known.value.state);
  services.emit({ type: 'step-decided', step: step.name, action: planned.action, reasons: planned.reasons });
  const execution = startExecution(services, step, context.runId, planned.reasons);
  const work: Work = { step, context, known: known.value, planned, execution, startedMs: services.clock.monotonicMs() };
  const { remembered, stored } = known.value.state;
  if (planned.action === 'skip' && remembered !== undefined) return standFor(services, work, remembered, 'skipped');
  if (planned.action === 'restore' && stored !== undefined) {
    const restored = await restoreOutputs(services, work, stored);
    if (restored) return standFor(services, work, stored, 'restored');
  }
  return execute(services, work);
}

const startExecution = (services: Services, step: Step, run: RunId, reasons: PlannedStep['reasons']): ExecutionId =>
  services.registry.runs.startExecution({
    run,
    step: step.name,
    ...(step.role === undefined ? {} : { role: step.role }),
    reasons,
    startedAt: services.clock.now(),
  });

function recordRefused(services: Services, step: Step, run: RunId, failure: Failure): StepOutcome {
  const execution = startExecution(services, step, run, []);
  services.registry.runs.finishExecution(execution, {
    status: 'failed',
    finishedAt: services.clock.now(),
    failure: asJson(failure),
    reads: [],
    writes: [],
    metrics: [],
  });
  return { isGood: false, isTainted: false, isRecorded: true, failure };
}

/** A damaged stored object is a warning and a rerun, never a wrong result. */
async function restoreOutputs(services: Services, { step }: Work, stored: RememberedExecution): Promise<boolean> {
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

/** The result of an earlier execution stands for this one. */
function standFor(
  services: Services,
  work: Work,
  source: RememberedExecution,
  status: 'skipped' | 'restored',
): StepOutcome {
  const { runs } = services.registry;
  finish(services, work, {
    status,
    writes: runs.uses(source.execution).writes,
    metrics: runs.metrics(source.execution),
    isRemembered: true,
    source: source.execution,
  });
  return { isGood: true, isTainted: false, isRecorded: true };
}

async function execute(services: Services, work: Work): Promise<StepOutcome> {
  const { step, context, known } = work;
  const ran = await executeStep(services, {
    pipeline: context.pipeline,
    step,
    run: context.runId,
    execution: work.execution,
    argv: resolveCommand(step.command, commandValues(work)),
  });
  if (!ran.ok) {
    finish(services, work, {
      status: statusOf(ran.error),
      writes: [],
      metrics: [],
      isRemembered: false,
      failure: ran.error,
    });
    return { isGood: false, isTainted: false, isRecorded: true, failure: ran.error };
  }
  const moved = await movedInputs(services, work, known.inputs);
  const failure: Failure | undefined =
    moved.length === 0 ? undefined : { code: 'input-moved', step: step.name, paths: moved };
  const writes = await countTableRows(services, ran.value.writes);
  finish(services, work, {
    status: 'succeeded',
    writes,
    metrics: ran.value.metrics,
    isRemembered: failure === undefined,
    ...(failure === undefined ? {} : { failure }),
  });
  await ran.value.settle();
  return {
    isGood: true,
    isTainted: failure !== undefined,
    isRecorded: true,
    ...(failure === undefined ? {} : { failure }),
  };
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

interface Ending {
  readonly status: StepStatus;
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
  readonly isRemembered: boolean;
  readonly failure?: Failure;
  readonly source?: ExecutionId;
}

function finish(services: Services, work: Work, ending: Ending): void {
  const { state, inputs } = work.known;
  const { fingerprint } = work.planned;
  const canRemember = ending.isRemembered && state.parts !== undefined && fingerprint !== undefined;
  services.registry.runs.finishExecution(work.execution, {
    status: ending.status,
    finishedAt: services.clock.now(),
    reads: inputs.uses,
    writes: ending.writes,
    metrics: ending.metrics,
    ...(ending.failure === undefined ? {} : { failure: asJson(ending.failure) }),
    ...(ending.source === undefined ? {} : { source: ending.source }),
    ...(canRemember && state.parts !== undefined ? { remember: { fingerprint, parts: state.parts } } : {}),
  });
  services.emit({
    type: 'step-finished',
    step: work.step.name,
    status: ending.status,
    durationMs: services.clock.monotonicMs() - work.startedMs,
    ...(ending.failure === undefined ? {} : { failure: ending.failure }),
  });
}

/** Failures are plain data; a value that JSON cannot say is dropped. */
const asJson = (failure: Failure): JsonObject => JSON.parse(JSON.stringify(failure));
