import type { Failure } from '../domain/failure.js';
import type { StepName } from '../domain/ids.js';
import type { Step } from '../domain/pipeline/pipeline.js';
import type { PlannedStep } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { decideStep } from './plan/decide-step.js';
import { inOrder } from './plan/select-steps.js';
import {
  type KnownStep,
  loadStepState,
  ownChangesOf,
  predictStepState,
  readContents,
  type StepContent,
  type StepContext,
} from './step-state.js';

/** A step whose inputs are in the workspace, and the action planned for it. */
export interface DecidedStep {
  readonly planned: PlannedStep;
  readonly known: KnownStep;
}

/** Decides every step in order. A step below one that will run or be restored is only predicted. */
export async function planSteps(
  services: Services,
  steps: readonly Step[],
  context: StepContext,
): Promise<Result<readonly PlannedStep[], Failure>> {
  const contents = await readContents(services, steps, context);
  const planned = new Map<StepName, PlannedStep>();
  for (const step of inOrder(steps)) {
    // A restore brings back recorded bytes, but they are not in the workspace yet and cannot be hashed.
    const pending = step.dependsOn.filter((name) => (planned.get(name)?.action ?? 'skip') !== 'skip');
    const content = contents.get(step.name);
    const decided =
      pending.length > 0
        ? ok(await predict(services, step, context, { content, pending }))
        : await decide(services, step, context, content);
    if (!decided.ok) return decided;
    planned.set(step.name, decided.value);
  }
  return ok([...planned.values()]);
}

async function predict(
  services: Services,
  step: Step,
  context: StepContext,
  { content, pending }: { readonly content: StepContent | undefined; readonly pending: readonly StepName[] },
): Promise<PlannedStep> {
  const hashes = content?.hashes ?? new Map();
  const state = await predictStepState(services, step, context, { hashes, runningUpstream: pending });
  const ownChanges = ownChangesOf(services, step, context, { last: state.last, hashes });
  return { ...decideStep(step, state), ...(ownChanges.length > 0 ? { ownChanges } : {}) };
}

async function decide(
  services: Services,
  step: Step,
  context: StepContext,
  content: StepContent | undefined,
): Promise<Result<PlannedStep, Failure>> {
  const known = await loadStepState(services, step, context, content);
  return known.ok ? ok(decideStep(step, known.value.state)) : known;
}

/** What is known of the steps before anything runs. */
interface AtStart {
  readonly contents: Awaited<ReturnType<typeof readContents>>;
  /** Steps that another run does not work on. All, if there is none. */
  readonly free?: ReadonlySet<StepName>;
}

/**
 * The steps that can be decided before anything runs: all steps above them are skipped. A step that cannot be decided
 * (an input is missing) waits for its turn and fails there.
 */
export async function decideReadySteps(
  services: Services,
  steps: readonly Step[],
  context: StepContext,
  { contents, free }: AtStart,
): Promise<ReadonlyMap<StepName, DecidedStep>> {
  const here = new Set(steps.map((step) => step.name));
  const decided = new Map<StepName, DecidedStep>();
  for (const step of inOrder(steps)) {
    const isFree = free === undefined || free.has(step.name);
    const isReady =
      isFree && step.dependsOn.every((name) => !here.has(name) || decided.get(name)?.planned.action === 'skip');
    const known = isReady ? await loadStepState(services, step, context, contents.get(step.name)) : undefined;
    if (known?.ok) decided.set(step.name, { known: known.value, planned: decideStep(step, known.value.state) });
  }
  return decided;
}
