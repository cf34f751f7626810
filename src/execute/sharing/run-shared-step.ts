import type { Failure } from '../../domain/failure.js';
import type { StepName } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { onDisk } from '../../domain/support/world-failure.js';
import { decideNow, type Recording, runStep, type StepOutcome, type StepRun } from '../attempt/run-step.js';
import type { DecidedStep } from '../decide-steps.js';
import { type Sharing, waitForMaker, waitForUsers } from './sharing.js';

/**
 * Claims, before anything is decided, what the steps read: their own outputs and those of the steps they need. Returns the
 * steps that can be decided now: another run works on none of it.
 */
export function claimAtStart({ steps: locks }: Sharing, steps: readonly Step[]): ReadonlySet<StepName> {
  const names = new Set(steps.flatMap((step) => [step.name, ...step.dependsOn]));
  const free = locks.useFree([...names]);
  return new Set(steps.filter((step) => [step.name, ...step.dependsOn].every((name) => free.has(name))).map(nameOf));
}

const nameOf = (step: Step): StepName => step.name;

/** Gives back the steps that are not skipped: each is claimed again in its turn. */
export function keepSkipped(
  { steps: locks }: Sharing,
  steps: readonly Step[],
  decided: ReadonlyMap<StepName, DecidedStep>,
): void {
  locks.drop(steps.map(nameOf).filter((name) => decided.get(name)?.planned.action !== 'skip'));
}

/**
 * Runs a step while no other run works on it or uses what it replaces. Waits for a run that works on it, and then decides
 * again: what that run has made is usually fresh. Without an outcome the step was not started.
 */
export async function runSharedStep(
  services: Services,
  step: Step,
  { context, sharing }: { readonly context: StepRun; readonly sharing: Sharing },
): Promise<StepOutcome | { readonly notStarted: Failure }> {
  const claimed = await onDisk(() => claimStep(services, step, { context, sharing }));
  const held = claimed.ok ? claimed.value : claimed;
  if (!held.ok) return { notStarted: held.error };
  const recorded: Promise<unknown>[] = [];
  const recording: Recording = {
    add: (one) => {
      recorded.push(one);
      context.recording.add(one);
    },
  };
  const outcome = await runStep(services, step, { ...held.value, recording });
  // Others find a fresh result only once it is recorded.
  const settled = Promise.allSettled(recorded).then(() =>
    onDisk(async () => (outcome.isGood ? sharing.steps.keep(step.name) : sharing.steps.drop([step.name]))),
  );
  context.recording.add(settled.then((done) => (done.ok ? ok(undefined) : done)));
  return outcome;
}

interface Turn {
  readonly context: StepRun;
  readonly sharing: Sharing;
}

/** Claims the step, and returns what is known of it now. */
async function claimStep(
  services: Services,
  step: Step,
  { context, sharing }: Turn,
): Promise<Result<StepRun, Failure>> {
  const { steps: locks } = sharing;
  for (const name of step.dependsOn) {
    const usable = await waitForMaker(services, sharing, name, () => locks.use(name));
    if (!usable.ok) return usable;
  }
  for (;;) {
    const mine = await waitForMaker(services, sharing, step.name, () => locks.make(step.name));
    if (!mine.ok) return mine;
    const now = locks.isAlone() ? context : await decideAgain(services, step, context);
    if (now.decided.get(step.name)?.planned.action === 'skip') return ok(now);
    if (locks.user(step.name) === undefined) return ok(now);
    // Waits without holding it, so that no two runs wait for each other.
    locks.drop([step.name]);
    const free = await waitForUsers(services, sharing, step.name);
    if (!free.ok) return free;
  }
}

/** Decides again if another run has executed the step since this run read what is recorded. */
async function decideAgain(services: Services, step: Step, context: StepRun): Promise<StepRun> {
  const { runs } = services.registry;
  const { name } = context.pipeline;
  const early = context.decided.get(step.name);
  const seen = early === undefined ? context.remembered.get(step.name) : early.known.state.last;
  const isNews = runs.lastSuccess(name, step.name)?.execution !== seen?.execution;
  if (early !== undefined && !isNews) return context;
  const remembered = isNews ? runs.remembered(name) : context.remembered;
  const here: StepRun = { ...context, remembered, decided: new Map() };
  const decided = await decideNow(services, step, here);
  // What cannot be decided fails in its run.
  return decided.ok ? { ...decided.value.context, decided: new Map([[step.name, decided.value]]) } : here;
}
