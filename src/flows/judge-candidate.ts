import { createHash } from 'node:crypto';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { Evaluation, GateVerdict, ModelVersion } from '../domain/model.js';
import type { GateRule, ModelSpec, Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import { resolveCommand } from '../execute/command.js';
import { withoutSecrets } from '../execute/environment.js';
import { runCommand } from '../execute/run-command.js';
import { gateVerdict, judgeGate } from '../gate/judge-gate.js';
import type { SmokeResult } from '../gate/judged.js';
import { type EvaluationContext, evaluateVersion, hashEvaluationData } from './evaluate-version.js';
import { pairPredictions } from './pair-predictions.js';
import { resolveUsedDatasets } from './plan-pipeline.js';
import { championOf } from './reference.js';
import type { When } from './window.js';

export interface Judgement {
  readonly gate?: GateVerdict;
  readonly evaluations: readonly Evaluation[];
}

/** Scores candidate and champion on the inputs of one run, and judges. The verdict is bound to what it was judged on. */
export async function judgeCandidate(
  services: Services,
  pipeline: Pipeline,
  candidate: ModelVersion,
  when: When & { readonly run: RunId },
): Promise<Result<Judgement, Failure>> {
  const { model } = pipeline;
  if (model === undefined) throw new Error('internal error: a pipeline without a model has no candidate');
  const serving = championOf(services, pipeline);
  const champion = serving?.version === candidate.version ? undefined : serving;
  const [scored, smoke] = await Promise.all([
    scoreBoth(services, pipeline, { candidate, champion }, when),
    runSmokes(services, pipeline, candidate, when.run),
  ]);
  if (!scored.ok) return scored;
  const { mine, theirs, problem } = scored.value;
  const evaluations = [mine, theirs].filter((one) => one !== undefined);
  if (model.gate.length === 0 && model.first === 'gate') return ok({ evaluations });
  services.emit({ type: 'phase', text: 'judging' });
  const paired =
    mine === undefined || theirs === undefined
      ? {}
      : await pairPredictions(services, mine, theirs, sliceNames(model.gate));
  const checks = judgeGate({
    rules: model.gate,
    first: model.first,
    candidate: mine ?? { metrics: {}, unusable: {}, slices: {} },
    hasChampion: champion !== undefined,
    ...(theirs === undefined ? {} : { champion: theirs }),
    ...(problem === undefined ? {} : { championProblem: problem }),
    ...paired,
    smoke,
  });
  const verdict: Omit<GateVerdict, 'id'> = {
    candidate: { model: candidate.model, version: candidate.version },
    candidateHash: candidate.hash,
    gateHash: gateHash(model, pipeline.params),
    verdict: gateVerdict(checks),
    checks,
    judgedAt: services.clock.now(),
    ...(champion === undefined
      ? {}
      : { champion: { model: champion.model, version: champion.version }, championHash: champion.hash }),
    ...(mine === undefined ? {} : { dataHash: mine.dataHash, candidateEvaluation: mine.id }),
    ...(theirs === undefined ? {} : { championEvaluation: theirs.id }),
  };
  return ok({ evaluations, gate: { ...verdict, id: services.registry.models.recordGateVerdict(verdict) } });
}

/** The gate as declared, and how its figures are come by; places in the file left out. */
const gateHash = (model: ModelSpec, params: Pipeline['params']): ContentHash => {
  const used = (model.evaluate?.params ?? []).map((name) => [name, params[name]]);
  const parts = [model.first, model.gate, model.evaluate?.command, used];
  return createHash('sha256')
    .update(JSON.stringify(parts, (key, value) => (key === 'at' ? undefined : value)))
    .digest('hex') as ContentHash;
};

/** The last verdict on a version, where champion, test data and gate are still those that it was judged on. */
export async function standingVerdict(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  when: When,
): Promise<Result<GateVerdict | undefined, Failure>> {
  const { model } = pipeline;
  const last = services.registry.models.gateVerdicts(version)[0];
  if (model === undefined || last === undefined) return ok(undefined);
  const champion = championOf(services, pipeline);
  const rival = champion?.version === version.version ? undefined : champion;
  if (last.gateHash !== gateHash(model, pipeline.params) || last.championHash !== rival?.hash) return ok(undefined);
  if (model.evaluate === undefined) return ok(last);
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return datasets;
  const data = await hashEvaluationData(services, { spec: model.evaluate, datasets: datasets.value });
  if (!data.ok) return data;
  return ok(last.dataHash === data.value ? last : undefined);
}

const sliceNames = (rules: readonly GateRule[]): readonly string[] => [
  ...new Set(rules.flatMap((rule) => (rule.kind === 'metric' && rule.slices !== undefined ? [rule.slices] : []))),
];

interface Contestants {
  readonly candidate: ModelVersion;
  readonly champion: ModelVersion | undefined;
}

async function scoreBoth(
  services: Services,
  pipeline: Pipeline,
  { candidate, champion }: Contestants,
  when: When & { readonly run: RunId },
): Promise<Result<{ readonly mine?: Evaluation; readonly theirs?: Evaluation; readonly problem?: string }, Failure>> {
  const spec = pipeline.model?.evaluate;
  if (spec === undefined) return ok(scoredByTraining(services, candidate));
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return datasets;
  const context: EvaluationContext = { pipeline, spec, run: when.run, now: when.now, datasets: datasets.value };
  // side by side: they share nothing but the inputs, which neither writes
  const [mine, theirs] = await Promise.all([
    evaluateVersion(services, candidate, context),
    champion === undefined ? undefined : evaluateVersion(services, champion, context),
  ]);
  if (!mine.ok) return mine;
  if (theirs === undefined) return ok({ mine: mine.value });
  // an old model that today's code cannot score is a refusal, with its reason, not a crash of the run
  return ok({ mine: mine.value, ...(theirs.ok ? { theirs: theirs.value } : { problem: theirs.error.code }) });
}

/** Without an `evaluate` the run's own metrics are all there is to judge by. */
function scoredByTraining(services: Services, candidate: ModelVersion): { readonly mine?: Evaluation } {
  const { runs, models } = services.registry;
  const points = runs.executions(candidate.run).flatMap((execution) => runs.metrics(execution.id));
  if (points.length === 0) return {};
  const evaluation: Omit<Evaluation, 'id'> = {
    version: { model: candidate.model, version: candidate.version },
    run: candidate.run,
    dataHash: candidate.hash,
    metrics: Object.fromEntries(points.map((point) => [point.key, point.value])),
    unusable: {},
    slices: {},
    evaluatedAt: services.clock.now(),
  };
  return { mine: { ...evaluation, id: models.recordEvaluation(evaluation) } };
}

async function runSmokes(
  services: Services,
  pipeline: Pipeline,
  candidate: ModelVersion,
  run: RunId,
): Promise<readonly SmokeResult[]> {
  const results: SmokeResult[] = [];
  for (const rule of pipeline.model?.gate ?? [])
    if (rule.kind === 'smoke') results.push(await runSmoke(services, pipeline, { rule, candidate, run }));
  return results;
}

interface Smoke {
  readonly rule: Extract<GateRule, { readonly kind: 'smoke' }>;
  readonly candidate: ModelVersion;
  readonly run: RunId;
}

async function runSmoke(services: Services, pipeline: Pipeline, { rule, candidate, run }: Smoke): Promise<SmokeResult> {
  const scratch = await services.files.makeScratch('smoke');
  const modelPath = `${scratch}/${candidate.path.slice(candidate.path.lastIndexOf('/') + 1)}`;
  const restored = await services.artifacts.restore(candidate.hash, modelPath as typeof candidate.path);
  if (!restored.ok) return { command: 'smoke', isGood: false, detail: 'the stored model is damaged' };
  const argv = resolveCommand(rule.command, { params: pipeline.params, modelPath, runId: run });
  const logPath = `.refit/logs/${run}/smoke-${candidate.model}@${candidate.version}.log`;
  const { outcome, tail } = await runCommand(services, {
    argv,
    env: { ...withoutSecrets(pipeline, services.surroundings.env()), REFIT_RUN_ID: run, REFIT_STEP: 'smoke' },
    logPath,
    timeoutMs: rule.timeoutMs,
  });
  await services.files.remove(scratch);
  const isGood = outcome.kind === 'exited' && outcome.exitCode === 0;
  const how = outcome.kind === 'exited' ? `exited with ${outcome.exitCode}` : outcome.kind;
  const said = isGood ? '' : ` (${tail.at(-1) ?? 'no output'}; log ${logPath})`;
  return { command: rule.command.kind === 'shell' ? 'smoke test' : argv.join(' '), isGood, detail: `${how}${said}` };
}
