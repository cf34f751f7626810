import { trainingWindows } from '../data/windows/training-windows.js';
import type { Failure } from '../domain/failure.js';
import type { RunId, StepName } from '../domain/ids.js';
import type { StepImages } from '../domain/pipeline/container.js';
import type { Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { ResourceLimits } from '../domain/pipeline/resources.js';
import type { Services } from '../domain/ports/services.js';
import type { NewRun, Run, RunStatus } from '../domain/runs/run.js';
import type { RunOptions, RunReport } from '../domain/runs/run-report.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { makeRunScratch } from './attempt/attempts.js';
import { stepEnvironment } from './attempt/environment.js';
import {
  type Recording,
  type RunContext,
  runStep,
  type StepOutcome,
  type StepRun,
  skippedRow,
} from './attempt/run-step.js';
import { withDigests } from './containers/last-images.js';
import { resolveImages } from './containers/resolve-images.js';
import { decideReadySteps } from './decide-steps.js';
import { describeRun } from './describe-run.js';
import { openExecutors } from './executors/executors.js';
import { placeSteps, type ScheduledStep } from './executors/place-steps.js';
import { removeParents } from './parents/place-parents.js';
import { startingPoint } from './parents/step-parents.js';
import { inOrder } from './plan/select-steps.js';
import { chosenSteps, resolveUsedDatasets } from './plan-pipeline.js';
import { loadLimits, withGpus } from './schedule/resource-limits.js';
import { runGraph } from './schedule/scheduler.js';
import { claimAtStart, keepSkipped, runSharedStep } from './sharing/run-shared-step.js';
import { isOnlyBusy, type Sharing, waitToJudge } from './sharing/sharing.js';
import { missingEnvironment } from './step-environments.js';
import { readContents } from './step-state.js';

/**
 * Executes a pipeline. Fresh steps are skipped together; each other step is decided once its inputs exist, then
 * restored or run. The caller holds the pipeline's lock, or shares it (`sharing`). A failed step appears in the report;
 * an error means that no run took place.
 */
export async function executePipeline(
  services: Services,
  pipeline: Pipeline,
  asked: RunOptions,
  sharing?: Sharing,
): Promise<Result<RunReport, Failure>> {
  const options = { ...asked, windows: asked.windows ?? trainingWindows(services, pipeline, asked) };
  const chosen = await chooseSteps(services, pipeline, options);
  if (!chosen.ok) return chosen;
  const { steps, placing, limits, images } = chosen.value;
  const describing = describeRun(services, pipeline, options);
  // It starts git, which must not go on when the command ends early and its folders are removed.
  const described = describing.then(
    () => undefined,
    () => undefined,
  );
  const early = await decideAtStart(services, pipeline, options, { ...chosen.value, sharing });
  if (!early.ok) {
    await described;
    return early;
  }
  const { runId, decided, remembered } = early.value;
  const started = await startRun(services, { ...(await describing), id: runId }, { steps, decided, remembered });
  if (!started.ok) return started;
  const scratch = await makeRunScratch(services);
  const executors = await openExecutors(services, { ...placing, pipeline, steps, run: runId });
  try {
    return await executeSteps(services, steps, {
      ...early.value,
      scratch,
      limits,
      scheduled: placing.scheduled,
      executors,
      placed: new Map(),
      images,
      sharing,
    });
  } finally {
    await services.files.remove(scratch);
    await executors.close();
    await removeParents(services, pipeline);
  }
}

/** The steps that the options choose, and what they run on. */
async function chooseSteps(services: Services, pipeline: Pipeline, options: RunOptions) {
  const steps = chosenSteps(pipeline, options);
  if (!steps.ok) return steps;
  const placing = await placeSteps(services, steps.value, options);
  if (!placing.ok) return placing;
  const limits = await loadLimits(services, pipeline, placing.value.scheduled);
  if (!limits.ok) return limits;
  const images = await imagesOf(services, placing.value.scheduled, options);
  if (!images.ok) return images;
  return ok({ steps: steps.value, placing: placing.value, limits: limits.value, images: images.value });
}

interface AtStart {
  readonly steps: readonly Step[];
  readonly images: StepImages | undefined;
  readonly sharing: Sharing | undefined;
}

/** Decides the steps that can be decided before anything runs. Fails if a step lacks what it declares. */
async function decideAtStart(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
  { steps, images, sharing }: AtStart,
) {
  const datasets = await resolveUsedDatasets(services, pipeline, steps, { ...options, isDeferred: true });
  if (!datasets.ok) return datasets;
  const free = sharing === undefined ? undefined : claimAtStart(sharing, steps);
  const known = {
    pipeline,
    options,
    datasets: datasets.value,
    runId: sharing?.run ?? services.registry.runs.newId(services.clock.now()),
    remembered: services.registry.runs.remembered(pipeline.name),
    imageIds: withDigests(steps, images?.ids ?? new Map()),
    parents: startingPoint(services, pipeline, options),
  };
  const contents = await readContents(services, steps, known);
  const decided = await decideReadySteps(services, steps, known, { contents, free });
  if (sharing !== undefined) keepSkipped(sharing, steps, decided);
  const unset = missingEnvironment(services, steps) ?? missingVariable(services, pipeline, steps, decided);
  return unset === undefined ? ok({ ...known, decided }) : err(unset);
}

/** The images of the steps. A trace sees what processes of this machine open, not those of a container. */
async function imagesOf(services: Services, steps: readonly ScheduledStep[], { isTraced }: RunOptions) {
  const here = steps.filter(({ isElsewhere }) => !isElsewhere);
  const step = here.find(({ image }) => image !== undefined);
  if (isTraced !== true || step === undefined)
    return resolveImages(
      services,
      here,
      steps.filter(({ isOnSlurm }) => isOnSlurm),
    );
  return err<Failure>({
    code: 'usage',
    problem: `--trace cannot see what step "${step.name}" opens: it runs in the image ${step.image}`,
    next: 'leave --trace away, or choose other steps with --only, --until or --from',
  });
}

/** Fail before anything runs if a variable or secret that a step declares is not set. */
function missingVariable(
  services: Services,
  pipeline: Pipeline,
  steps: readonly Step[],
  decided: RunContext['decided'],
): Failure | undefined {
  for (const step of steps) {
    if (decided.get(step.name)?.planned.action === 'skip') continue;
    const environment = stepEnvironment(pipeline, step, services.surroundings.variables(), services.surroundings.env());
    if (!environment.ok) return environment.error;
  }
  return undefined;
}

/** The run and all steps skipped at the start, in one commit. */
async function startRun(
  services: Services,
  run: NewRun,
  { steps, decided, remembered }: Pick<RunContext, 'decided' | 'remembered'> & { readonly steps: readonly Step[] },
): Promise<Result<void, Failure>> {
  const { runs } = services.registry;
  const started = await services.registry.write(() => {
    runs.start(run);
    for (const step of steps) {
      const source = remembered.get(step.name)?.execution;
      if (decided.get(step.name)?.planned.action === 'skip' && source !== undefined)
        runs.recordSkipped(skippedRow(step, run.id, source, run.startedAt));
    }
  });
  if (!started.ok) return started;
  const planned = inOrder(steps).map(({ name, dependsOn }) => ({ name, needs: dependsOn }));
  services.emit({ type: 'run-started', run: run.id, pipeline: run.pipeline, steps: planned });
  return ok(undefined);
}

async function executeSteps(
  services: Services,
  steps: readonly Step[],
  {
    limits,
    scheduled,
    sharing,
    ...known
  }: Omit<RunContext, 'recording'> & {
    readonly limits: ResourceLimits;
    readonly scheduled: readonly ScheduledStep[];
    readonly sharing?: Sharing;
  },
): Promise<Result<RunReport, Failure>> {
  const outcomes: StepOutcome[] = [];
  const refused: StepName[] = [];
  const recording = createRecording();
  const context: RunContext = { ...known, recording };
  const ended = new AbortController();
  const endable = { ...services, signal: AbortSignal.any([services.signal, ended.signal]) };
  const isSkipped = (step: Pick<Step, 'name'>): boolean => context.decided.get(step.name)?.planned.action === 'skip';
  for (const step of steps.filter(isSkipped))
    services.emit({ type: 'step-finished', step: step.name, status: 'skipped', durationMs: 0 });
  const notStarted = await runGraph(inOrder(scheduled.filter((step) => !isSkipped(step))), {
    jobs: context.options.jobs ?? services.machine().cpus,
    jobsElsewhere: context.options.jobs ?? MOST_JOBS_ELSEWHERE,
    limits,
    keepGoing: context.options.onFailure === 'go-on',
    signal: services.signal,
    run: async ({ declared: step }, granted, release) => {
      await recording.room();
      const outcome = await runOne(withGpus(endable, granted), step, { context: { ...context, release }, sharing });
      if (!outcome.hasStarted) refused.push(step.name);
      outcomes.push(outcome);
      if (!outcome.isGood && context.options.onFailure === 'end-running') ended.abort();
      return outcome.isGood;
    },
  });
  const unsaved = await recording.done();
  if (!unsaved.ok) return unsaved;
  for (const failure of unsaved.value) outcomes.push({ isGood: false, isTainted: false, failure });
  const isGood = notStarted.length === 0 && outcomes.every((one) => one.isGood);
  // Before its end is recorded: a run that is cancelled while it waits has not succeeded.
  const turn = sharing !== undefined && isGood ? await waitToJudge(services, sharing) : ok(undefined);
  if (!turn.ok) outcomes.push(notNow(services, turn.error));
  return finishRun(services, context.runId, outcomes, [...refused, ...notStarted]);
}

/** A step that another run kept from starting has no row in the registry. */
async function runOne(
  services: Services,
  step: Step,
  { context, sharing }: { readonly context: StepRun; readonly sharing: Sharing | undefined },
): Promise<StepOutcome & { readonly hasStarted: boolean }> {
  const outcome =
    sharing === undefined
      ? await runStep(services, step, context)
      : await runSharedStep(services, step, { context, sharing });
  if (!('notStarted' in outcome)) return { ...outcome, hasStarted: true };
  return { ...notNow(services, outcome.notStarted), hasStarted: false };
}

/** The outcome of a step that waited for another run in vain. If ^C ended the waiting, that is no failure. */
const notNow = ({ signal }: Services, failure: Failure): StepOutcome => ({
  isGood: false,
  isTainted: false,
  failure: signal.aborted ? undefined : failure,
});

/** Jobs wait in the queue of their engine. This limit only keeps one run from filling it. */
const MOST_JOBS_ELSEWHERE = 1000;

/** At most this many results wait to be stored at a time; more would pile up in memory. */
const MOST_RECORDING = 256;

/** Tracks results that are stored and recorded while other steps run. */
function createRecording() {
  const pending = new Set<Promise<unknown>>();
  const failures: Failure[] = [];
  let broken: Failure | undefined;
  let bug: { readonly error: unknown } | undefined;
  const recording: Recording = {
    add: (recorded) => {
      const settled = recorded
        .then((result) => {
          if (!result.ok) broken ??= result.error;
          else if (result.value !== undefined) failures.push(result.value);
        })
        .catch((error: unknown) => {
          bug ??= { error };
        })
        .finally(() => pending.delete(settled));
      pending.add(settled);
    },
  };
  return {
    ...recording,
    room: async (): Promise<void> => {
      while (pending.size >= MOST_RECORDING) await Promise.race(pending);
    },
    done: async (): Promise<Result<readonly Failure[], Failure>> => {
      await Promise.all(pending);
      if (bug !== undefined) throw bug.error;
      return broken === undefined ? ok(failures) : err(broken);
    },
  };
}

async function finishRun(
  services: Services,
  id: RunId,
  outcomes: readonly StepOutcome[],
  notStarted: readonly StepName[],
): Promise<Result<RunReport, Failure>> {
  const { runs } = services.registry;
  const failures = outcomes.flatMap((outcome) => outcome.failure ?? []);
  const [busy] = isOnlyBusy(failures) ? failures : [];
  if (busy !== undefined && runs.executions(id).every((one) => one.status === 'skipped'))
    return withdrawRun(services, id, busy);
  const isTainted = outcomes.some((outcome) => outcome.isTainted);
  const hasFailed = outcomes.some((outcome) => !outcome.isGood);
  const isEnded = services.signal.aborted || busy !== undefined;
  const status: RunStatus = isEnded ? 'cancelled' : hasFailed ? 'failed' : 'succeeded';
  const finished = await services.registry.write(() =>
    runs.finish(id, { status, isTainted, finishedAt: services.clock.now() }),
  );
  if (!finished.ok) return finished;
  const run = readRun(services, id);
  services.emit({
    type: 'run-finished',
    run: id,
    status,
    durationMs: (run.finishedAt ?? run.startedAt) - run.startedAt,
  });
  return ok({
    run,
    executions: runs.executions(id),
    notStarted: notStarted.map((step) => ({ step, status: services.signal.aborted ? 'cancelled' : 'pending' })),
    metrics: Object.fromEntries(runs.metricsOfRun(id).map((point) => [point.key, point.value])),
    failures,
    ...(outcomes.some((outcome) => outcome.undeclared !== undefined)
      ? { undeclared: outcomes.flatMap((outcome) => outcome.undeclared ?? []) }
      : {}),
  });
}

/** A run that other runs kept from its first step has done nothing, so nothing is recorded of it. */
async function withdrawRun(services: Services, id: RunId, busy: Failure): Promise<Result<never, Failure>> {
  const withdrawn = await services.registry.write(() => services.registry.runs.withdraw(id));
  if (!withdrawn.ok) return withdrawn;
  services.emit({ type: 'run-finished', run: id, status: 'cancelled', durationMs: 0 });
  return err(busy);
}

function readRun(services: Services, id: RunId): Run {
  const run = services.registry.runs.get(id);
  if (run === undefined) throw new Error(`internal error: run ${id} is not in the registry`);
  return run;
}
