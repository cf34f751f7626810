import { createHash } from 'node:crypto';
import { trainingWindows } from '../data/windows/training-windows.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId, StepName, WorkspacePath } from '../domain/ids.js';
import type { Command, Pipeline, Step } from '../domain/pipeline/pipeline.js';
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
import { resolveImages } from './containers/resolve-images.js';
import { decideReadySteps } from './decide-steps.js';
import { openExecutors } from './executors/executors.js';
import { placeSteps, type ScheduledStep } from './executors/place-steps.js';
import { removeParents } from './parents/place-parents.js';
import { startingPoint } from './parents/step-parents.js';
import { inOrder } from './plan/select-steps.js';
import { chosenSteps, resolveUsedDatasets } from './plan-pipeline.js';
import { loadLimits, withGpus } from './schedule/resource-limits.js';
import { runGraph } from './schedule/scheduler.js';
import { claimAtStart, keepSkipped, runSharedStep } from './sharing/run-shared-step.js';
import type { Sharing } from './sharing/sharing.js';
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
  const steps = chosenSteps(pipeline, options);
  if (!steps.ok) return steps;
  const placing = await placeSteps(services, pipeline, steps.value, options);
  if (!placing.ok) return placing;
  const limits = await loadLimits(services, pipeline, placing.value.scheduled);
  if (!limits.ok) return limits;
  const images = await imagesOf(services, steps.value, options);
  if (!images.ok) return images;
  const describing = describeRun(services, pipeline, options);
  // It starts git, which must not go on when the command ends early and its folders are removed.
  const described = describing.then(
    () => undefined,
    () => undefined,
  );
  const datasets = await resolveUsedDatasets(services, pipeline, steps.value, { ...options, isDeferred: true });
  if (!datasets.ok) {
    await described;
    return datasets;
  }
  const runId = sharing?.run ?? services.registry.runs.newId(services.clock.now());
  const free = sharing === undefined ? undefined : claimAtStart(sharing, steps.value);
  const known = {
    pipeline,
    options,
    datasets: datasets.value,
    runId,
    remembered: services.registry.runs.remembered(pipeline.name),
    imageIds: images.value?.ids ?? new Map<string, string>(),
    parents: startingPoint(services, pipeline, options),
  };
  const contents = await readContents(services, steps.value, known);
  const decided = await decideReadySteps(services, steps.value, known, contents, free);
  if (sharing !== undefined) keepSkipped(sharing, steps.value, decided);
  const unset = missingEnvironment(services, steps.value) ?? missingVariable(services, pipeline, steps.value, decided);
  if (unset !== undefined) {
    await described;
    return err(unset);
  }
  const started = await startRun(
    services,
    { ...(await describing), id: runId },
    steps.value,
    decided,
    known.remembered,
  );
  if (!started.ok) return started;
  const scratch = await makeRunScratch(services);
  const executors = await openExecutors(services, { ...placing.value, pipeline, steps: steps.value, run: runId });
  try {
    return await executeSteps(services, steps.value, {
      ...known,
      scratch,
      decided,
      limits: limits.value,
      scheduled: placing.value.scheduled,
      executors,
      placed: new Map(),
      images: images.value,
      sharing,
    });
  } finally {
    await services.files.remove(scratch);
    await executors.close();
    await removeParents(services, pipeline);
  }
}

/** The images of the steps. A trace sees what processes of this machine open, not those of a container. */
async function imagesOf(services: Services, steps: readonly Step[], { isTraced }: RunOptions) {
  const step = steps.find(({ image }) => image !== undefined);
  if (isTraced !== true || step === undefined) return resolveImages(services, steps);
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
  steps: readonly Step[],
  decided: RunContext['decided'],
  remembered: RunContext['remembered'],
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
  const failure = services.signal.aborted ? undefined : outcome.notStarted;
  return { isGood: false, isTainted: false, failure, hasStarted: false };
}

/** An engine has a queue of its own: only so that one run does not fill it. */
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

async function describeRun(services: Services, pipeline: Pipeline, options: RunOptions): Promise<Omit<NewRun, 'id'>> {
  const startedAt = services.clock.now();
  const [code, environment] = await Promise.all([
    services.git.codeVersion(),
    services.surroundings.environment(programsOf(pipeline)),
  ]);
  const packages = await lockFiles(services);
  if (code.problem !== undefined)
    services.emit({
      type: 'warning',
      code: 'git-refused',
      text: `the code of this run is not recorded: git did not answer (${code.problem.reason}). Mend it: ${code.problem.mend}`,
    });
  const { diffText, ...version } = code;
  const diff = diffText === undefined ? undefined : await services.artifacts.saveText(diffText);
  return {
    pipeline: pipeline.name,
    file: pipeline.file,
    definition: { hash: hashOf(pipeline.text), text: pipeline.text },
    trigger: options.trigger,
    profile: pipeline.profile,
    params: pipeline.params,
    now: options.now,
    isNowGiven: options.isNowGiven,
    startedAt,
    code: { ...version, ...(diff?.ok ? { diff: diff.value.hash } : {}) },
    actor: services.surroundings.actor(),
    environment: {
      ...environment,
      tools: { ...environment.tools, ...pythons(services, pipeline) },
      hardware: services.machine(),
      packages,
    },
    process: services.processes.self(),
    windows: options.windows,
  };
}

const LOCK_FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pixi.lock',
  'conda-lock.yml',
  'requirements.txt',
  'environment.yml',
  'renv.lock',
  'Manifest.toml',
] as const;

async function lockFiles({ artifacts }: Services): Promise<Readonly<Record<string, ContentHash>>> {
  const found = await artifacts.hash(LOCK_FILES.map((name) => name as WorkspacePath));
  return Object.fromEntries([...found].map(([name, { hash }]) => [name, hash]));
}

const hashOf = (text: string): ContentHash => createHash('sha256').update(text).digest('hex') as ContentHash;

/** The Python of each environment that steps name. */
function pythons({ environments }: Services, { steps }: Pipeline): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const { environment } of steps) {
    const found = environment === undefined ? undefined : environments.find(environment);
    const version = found?.ok === true ? found.value.packages.python : undefined;
    if (environment !== undefined && version !== undefined) versions[`python (${environment.name})`] = version;
  }
  return versions;
}

/** Interpreters that commands start with. Their versions are part of a run's environment. */
function programsOf(pipeline: Pipeline): readonly string[] {
  const first = (command: Command): string => {
    const part = command.kind === 'shell' ? command.script[0] : command.words[0]?.[0];
    return part?.kind === 'text' ? (part.text.trim().split(/\s+/)[0] ?? '') : '';
  };
  const commands = [
    ...pipeline.steps.filter((step) => step.environment === undefined).map((step) => step.command),
    ...(pipeline.model?.evaluate && pipeline.environment === undefined ? [pipeline.model.evaluate.command] : []),
  ];
  return [...new Set(commands.map(first))].filter((program) =>
    /^(\/?[\w./-]*\/)?(python[\d.]*|Rscript|julia)$/.test(program),
  );
}

async function finishRun(
  services: Services,
  id: RunId,
  outcomes: readonly StepOutcome[],
  notStarted: readonly StepName[],
): Promise<Result<RunReport, Failure>> {
  const { runs } = services.registry;
  const isTainted = outcomes.some((outcome) => outcome.isTainted);
  const hasFailed = outcomes.some((outcome) => !outcome.isGood);
  const status: RunStatus = services.signal.aborted ? 'cancelled' : hasFailed ? 'failed' : 'succeeded';
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
    failures: outcomes.flatMap((outcome) => outcome.failure ?? []),
    ...(outcomes.some((outcome) => outcome.undeclared !== undefined)
      ? { undeclared: outcomes.flatMap((outcome) => outcome.undeclared ?? []) }
      : {}),
  });
}

function readRun(services: Services, id: RunId): Run {
  const run = services.registry.runs.get(id);
  if (run === undefined) throw new Error(`internal error: run ${id} is not in the registry`);
  return run;
}
