import type { PipelineResult } from '../domain/decisions/retrain-report.js';
import type { Failure } from '../domain/failure.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { MakeScratchWorkspace, ScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import type { Deviation, Reproduction } from '../domain/runs/reproduction.js';
import { type Run, TRACKED } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { needStrace } from '../execute/trace/need-strace.js';
import { findVersion } from '../models/find-version.js';
import { recordedParents } from '../models/parents.js';
import { linkedRoots } from '../pipeline/linked-roots.js';
import { type LoadOptions, loadPipeline } from '../pipeline/load-pipeline.js';
import { findRun } from '../run/find-run.js';
import { runPipeline } from '../run/run-pipeline.js';
import { removeLaterFiles, withRecordedSnapshots } from './exact-inputs.js';
import { fillWorkspace } from './fill-workspace.js';
import { compareSteps, deviations, isSame } from './reproduced-steps.js';

export interface ReproduceOptions {
  readonly isKept: boolean;
  readonly jobs?: number;
}

/**
 * Repeats a run in a scratch workspace with the recorded commit and uncommitted changes, the inputs by hash, and the same
 * params, profile and `now`, then compares every byte and metric.
 */
export async function reproduce(
  services: Services,
  makeScratch: MakeScratchWorkspace,
  subject: string,
  options: ReproduceOptions,
): Promise<Result<Reproduction, Failure>> {
  const found = findSubject(services, subject);
  if (!found.ok) return found;
  const { run, version } = found.value;
  if (run.environment.origin !== undefined)
    return err({
      code: 'usage',
      problem: `run ${run.id} was imported: its exact commands are unknown, so it cannot be reproduced`,
      next: `see its params, metrics and artifacts with "refit show ${run.id}"`,
    });
  const scratch = await makeScratch();
  try {
    const base = {
      subject,
      run: run.id,
      commit: run.code.commit,
      environment: await environmentDeviations(services, run),
      ...(options.isKept ? { kept: scratch.folder as string } : {}),
    };
    services.emit({ type: 'phase', text: `fetching the code and inputs of run ${run.id}` });
    const filled = await fillWorkspace(services, scratch, run);
    if (!filled.ok) return filled;
    const { lost, note } = filled.value;
    const report = { ...base, note };
    if (lost.length > 0) return ok({ ...report, verdict: 'impossible', lost, steps: [], scores: [] });
    const repeated = await repeat(services, scratch, { run, version, options });
    if (!repeated.ok) return repeated;
    const { steps, scores } = repeated.value;
    const verdict = scores.length === 0 && steps.every(isSame) ? 'same' : 'differs';
    return ok({ ...report, verdict, lost: [], steps, scores });
  } finally {
    if (!options.isKept) await scratch.remove();
  }
}

function findSubject(
  services: Services,
  subject: string,
): Result<{ readonly run: Run; readonly version: ModelVersion | undefined }, Failure> {
  const version = findVersion(services, subject);
  const run = version === undefined ? findRun(services, subject) : ok(services.registry.runs.get(version.run));
  if (!run.ok) return run;
  if (run.value === undefined) throw new Error('internal error: the run of a version is not in the registry');
  if (run.value.status !== 'succeeded')
    return err({
      code: 'usage',
      problem: `run ${run.value.id} ${run.value.status}: there is no result to reproduce`,
      next: 'name a run that succeeded; see "refit runs --where \'status = succeeded\'"',
    });
  return ok({ run: run.value, version: version ?? services.registry.models.ofRun(run.value.id)[0] });
}

/** Differences between this machine and the one that ran it. */
async function environmentDeviations(services: Services, { environment }: Run): Promise<readonly Deviation[]> {
  const programs = Object.keys(environment.tools).filter(
    // The Python of an environment is not a program on the PATH. Its packages are compared with the step.
    (name) => name !== 'refit' && name !== 'node' && !name.includes(' ('),
  );
  const now = await services.surroundings.environment(programs);
  const tools = ['refit', 'node', ...programs].flatMap((name) =>
    environment.tools[name] === undefined ? [] : [[name, environment.tools[name]] as const],
  );
  const recorded = { platform: environment.platform, ...Object.fromEntries(tools) };
  return deviations('input', recorded, { platform: now.platform, ...now.tools });
}

interface Repeated {
  readonly run: Run;
  readonly version: ModelVersion | undefined;
  readonly options: ReproduceOptions;
}

async function repeat(
  services: Services,
  scratch: ScratchWorkspace,
  { run, version, options }: Repeated,
): Promise<Result<Pick<Reproduction, 'steps' | 'scores'>, Failure>> {
  const opened = await scratch.open();
  if (!opened.ok) return opened;
  await using inside = opened.value;
  const loaded = await loadPipeline(inside, run.file, {
    profile: run.profile,
    isRecorded: true,
    outside: await outsideOf(services),
    params: Object.fromEntries(Object.entries(run.params).map(([name, value]) => [name, paramText(value)])),
  });
  if (!loaded.ok) return loaded;
  const pipeline = withRecordedSnapshots(services, loaded.value.pipeline, run);
  await removeLaterFiles(services, inside, pipeline, run);
  const isTracked = wasTracked(services, run);
  const traced = isTracked ? await needStrace(inside) : ok(undefined);
  if (!traced.ok) return traced;
  if (isTracked) await makeFolders(services, inside, run);
  services.emit({ type: 'phase', text: 'running it again' });
  const ran = await runPipeline(inside, pipeline, {
    now: run.now,
    isNowGiven: run.isNowGiven,
    trigger: run.trigger,
    onFailure: 'go-on',
    // The model that it started from, whatever serves today.
    parents: recordedParents(services, run.id),
    // The rows that it had, whatever has changed in the world since.
    windows: run.windows ?? [],
    jobs: options.jobs,
    isTraced: isTracked,
    isTracked,
  });
  if (!ran.ok) return ran;
  const steps = compareSteps({ services, inside, pipeline, recorded: run, report: ran.value.report });
  return ok({ steps, scores: version === undefined ? [] : scoreDeviations(services, version, ran.value) });
}

/** Absolute paths of the recorded text lead into the workspace that it was written in, or through a link of that one. */
async function outsideOf({ files }: Services): Promise<LoadOptions['outside']> {
  const { roots = [], links = [] } = await linkedRoots(files);
  return { roots, links: [{ name: '.', place: files.root }, ...links] };
}

/** A recorded command declares no outputs, whose folders would be made. */
async function makeFolders({ registry }: Services, inside: Services, run: Run): Promise<void> {
  for (const { id } of registry.runs.executions(run.id))
    for (const { path } of registry.runs.uses(id).writes)
      if (path.includes('/')) await inside.files.makeFolder(path.slice(0, path.lastIndexOf('/')));
}

/** Whether what the run read and wrote is known from what it was seen to open. */
function wasTracked({ registry }: Services, run: Run): boolean {
  const [execution] = run.trigger.kind === TRACKED ? registry.runs.executions(run.id) : [];
  if (execution === undefined) return false;
  const { reads, writes } = registry.runs.uses(execution.id);
  return reads.length + writes.length > 0;
}

/** A value in the syntax of `--param`: strings as they are, anything else as JSON. */
const paramText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function scoreDeviations(
  { registry }: Services,
  version: ModelVersion,
  { evaluations }: PipelineResult,
): readonly Deviation[] {
  const recorded = registry.models.evaluations(version).at(-1);
  const now = evaluations[0];
  return recorded === undefined || now === undefined ? [] : deviations('score', recorded.metrics, now.metrics);
}
