import { readSources } from '../data/sources/read-sources.js';
import { apart, type Failure } from '../domain/failure.js';
import type { GateCheck } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { MakeScratchWorkspace, ScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import type { RunOptions, RunReport } from '../domain/runs/run-report.js';
import type { TestProblem, TestReport } from '../domain/runs/test-report.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { executePipeline } from '../execute/execute-pipeline.js';
import { fillScratch } from '../execute/fill-scratch.js';
import { lossCourses } from '../execute/metrics/loss-falls.js';
import { FIRST_VERSION } from '../gate/judge/judge-gate.js';
import { registerAndJudge } from '../gate/register-model.js';
import { checkPipeline } from '../pipeline/load-pipeline.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';
import { compareRuns } from './compare-runs.js';

const PROFILE = 'test';

export interface TestOptions extends Pick<RunOptions, 'now' | 'isNowGiven' | 'jobs'> {
  readonly params?: Readonly<Record<string, string>>;
  /** Keeps the scratch workspace for inspection. */
  readonly isKept: boolean;
}

/** Runs the pipeline twice under `profiles.test` in a scratch workspace. The real workspace is only read. */
export async function testPipeline(
  services: Services,
  makeScratch: MakeScratchWorkspace,
  name: string,
  options: TestOptions,
): Promise<Result<TestReport, Failure>> {
  const loaded = await loadForTest(services, name, options);
  if (!loaded.ok) return loaded;
  const pipeline = await readSources(services, loaded.value, { now: options.now, isRecorded: false });
  if (!pipeline.ok) return pipeline;
  const scratch = await makeScratch();
  try {
    const filled = await fillScratch(services, scratch, pipeline.value, { isJudged: true });
    if (!filled.ok) return filled;
    const opened = await scratch.open();
    if (!opened.ok) return opened;
    await using inside = opened.value;
    const report = await runTwice(inside, pipeline.value, options);
    return report.ok ? ok(placed(report.value, scratch, options)) : report;
  } finally {
    if (!options.isKept) await scratch.remove();
  }
}

async function loadForTest(services: Services, name: string, options: TestOptions): Promise<Result<Pipeline, Failure>> {
  const checked = await checkPipeline(services, name, {
    profile: PROFILE,
    params: options.params,
  });
  if (!checked.ok) return checked;
  const { pipeline, diagnostics } = checked.value;
  if (diagnostics.some((one) => one.code === 'unknown-profile'))
    return err({
      code: 'section-missing',
      pipeline: diagnostics[0]?.at.file ?? name,
      section: 'profiles.test',
      command: 'test',
      lines: 'profiles:\n  test:                 # small, so that it takes seconds\n    params: { days: 1 }',
    });
  if (pipeline === undefined || diagnostics.some((one) => one.severity === 'error'))
    return err({ code: 'invalid-pipeline', diagnostics });
  return ok(pipeline);
}

async function runTwice(
  services: Services,
  pipeline: Pipeline,
  { now, isNowGiven, jobs }: TestOptions,
): Promise<Result<TestReport, Failure>> {
  const options: RunOptions = {
    now,
    isNowGiven,
    trigger: { kind: 'test' },
    onFailure: 'go-on',
    jobs,
  };
  return withPipelineLock(services, pipeline, undefined, async () => {
    const first = await executePipeline(services, pipeline, options);
    if (!first.ok) return first;
    const { executions, notStarted } = first.value;
    const judged = await judge(services, pipeline, first.value, options);
    const base = { pipeline: pipeline.name, executions, notStarted, ...judged.found };
    const problems = [...problemsOfRun(services, pipeline, first.value), ...judged.problems];
    const hasGood = executions.some((one) => one.status === 'succeeded');
    if (services.signal.aborted || !hasGood) return ok({ ...base, problems, repeated: [] });
    services.emit({ type: 'phase', text: 'running again, to compare the outputs' });
    const second = await executePipeline(services, pipeline, { ...options, force: 'all' });
    if (!second.ok) return second;
    const { compared, problems: differing } = compareRuns(services, pipeline, first.value, second.value);
    const flaky = failedSteps(second.value).filter(({ step }) => !problems.some((one) => one.step === step));
    return ok({ ...base, problems: [...problems, ...flaky, ...differing], repeated: compared });
  });
}

interface JudgedTest {
  readonly found: Pick<TestReport, 'evaluation' | 'gate'>;
  readonly problems: readonly TestProblem[];
}

/** Runs `evaluate` and the gate on the model of the run. There is no champion in a scratch workspace. */
async function judge(
  services: Services,
  pipeline: Pipeline,
  report: RunReport,
  options: RunOptions,
): Promise<JudgedTest> {
  if (report.run.status !== 'succeeded') return { found: {}, problems: [] };
  const { failure, gate, evaluations = [] } = await registerAndJudge(services, pipeline, report, options);
  const broken = (gate?.checks ?? []).filter((one) => one.verdict === 'fail' && isWithoutValue(one));
  return {
    found: { evaluation: evaluations[0], gate },
    problems: [
      ...(failure === undefined ? [] : [{ code: 'step-failed' as const, step: 'evaluate', failure }]),
      ...broken.map(
        ({ name, detail }): TestProblem => ({ code: 'gate-cannot-judge', step: 'gate', check: name, detail }),
      ),
    ],
  };
}

/** A check that measured something is about the model, which a test trains on little data. */
const isWithoutValue = ({ name, observed }: GateCheck): boolean => observed === undefined && name !== FIRST_VERSION;

function problemsOfRun(services: Services, pipeline: Pipeline, report: RunReport): readonly TestProblem[] {
  const { runs } = services.registry;
  const ended = report.executions.filter((execution) => execution.status === 'succeeded');
  const empty = ended.flatMap(({ id, step }) => {
    const mayBeEmpty = pipeline.steps
      .find((one) => one.name === step)
      ?.expect?.outputs.filter((output) => output.isNotEmpty === false)
      .map((output) => output.path);
    return runs
      .uses(id)
      .writes.filter((use) => use.artifact.size === 0 && mayBeEmpty?.includes(use.path) !== true)
      .map((use): TestProblem => ({ code: 'output-empty', step, output: use.path }));
  });
  const rising = ended.flatMap(({ id, step }) =>
    lossCourses(runs.metrics(id))
      .filter(({ first, last }) => last >= first)
      .map((course): TestProblem => ({ code: 'loss-not-falling', step, ...course })),
  );
  return [...failedSteps(report), ...empty, ...rising];
}

const failedSteps = (report: RunReport): readonly TestProblem[] =>
  report.failures.map((failure) => ({
    code: 'step-failed',
    step: ('step' in failure ? failure.step : undefined) ?? report.run.pipeline,
    failure,
  }));

/** Log paths lie in the scratch workspace, and are dropped unless it is kept. */
function placed(report: TestReport, scratch: ScratchWorkspace, { isKept }: TestOptions): TestReport {
  const placeOf = (log: string): string =>
    isKept ? `${scratch.folder}/${log}` : 'removed with the scratch workspace; --keep keeps it';
  const moved = (found: Failure): Failure => {
    const failure = apart(found);
    return 'logPath' in failure && failure.logPath !== undefined
      ? { ...failure, logPath: placeOf(failure.logPath) }
      : failure;
  };
  /** What a command of the gate did ends in the path of its log. */
  const reworded = <T extends { readonly detail: string }>(one: T): T => ({
    ...one,
    detail: one.detail.replace(/; log (\.refit\/logs\/.*)\)$/, (_, log: string) => `; log ${placeOf(log)})`),
  });
  const problems = report.problems.map((problem) =>
    problem.code === 'step-failed'
      ? { ...problem, failure: moved(problem.failure) }
      : problem.code === 'gate-cannot-judge'
        ? reworded(problem)
        : problem,
  );
  const gate = report.gate === undefined ? undefined : { ...report.gate, checks: report.gate.checks.map(reworded) };
  return { ...report, problems, gate, ...(isKept ? { kept: scratch.folder } : {}) };
}
