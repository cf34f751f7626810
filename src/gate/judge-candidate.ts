import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { Evaluation, GateCheck, GateVerdict, ModelVersion } from '../domain/models/model.js';
import type { Comparator, GateRule, ModelSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { resolveUsedDatasets } from '../execute/plan-pipeline.js';
import { championOf } from '../models/champion.js';
import { type EvaluationContext, hashEvaluationData } from './evaluate-version.js';
import { evaluateVersions } from './evaluate-versions.js';
import { type FoundRival, findRivals } from './find-rivals.js';
import { runGateCommands } from './gate-commands.js';
import { gateHash } from './gate-hash.js';
import { gateVerdict, judgeGate } from './judge/judge-gate.js';
import type { Rival, Scored } from './judge/judgement-input.js';
import { pairPredictions } from './pair-predictions.js';

export interface Judgement {
  readonly gate?: GateVerdict;
  /** The candidate's evaluation first, then each rival's once. */
  readonly evaluations: readonly Evaluation[];
  /** Set if the gate refused the candidate only because a rival could not be scored. */
  readonly unscoredRival?: Failure;
}

/**
 * Scores the candidate and its rivals on the inputs of one run, and applies the gate. The verdict records the data it
 * is based on.
 */
export async function judgeCandidate(
  services: Services,
  pipeline: Pipeline,
  candidate: ModelVersion,
  when: When & { readonly run: RunId },
): Promise<Result<Judgement, Failure>> {
  const { model } = pipeline;
  if (model === undefined) throw new Error('internal error: a pipeline without a model has no candidate');
  const found = findRivals(services, pipeline, candidate);
  const champion = foundVersion(found.get('champion'));
  // Latency needs an idle machine. Without a latency rule, commands may run while models are scored.
  const isTimed = model.gate.some((rule) => rule.kind === 'latency');
  const beside = isTimed ? undefined : runGateCommands(services, { pipeline, candidate, run: when.run });
  const scored = await scoreAll(services, pipeline, { candidate, found }, when);
  const commands = (await beside) ?? (await runGateCommands(services, { pipeline, candidate, run: when.run }));
  if (!scored.ok) return scored;
  const { mine, theirs } = scored.value;
  const rival = theirs.get('champion');
  const evaluations = [mine, ...new Set(theirs.values())].flatMap((one) => (isEvaluation(one) ? [one] : []));
  if (model.gate.length === 0 && model.first === 'gate') return ok({ evaluations });
  services.emit({ type: 'phase', text: 'judging' });
  const successes = countSuccesses(services, pipeline, candidate);
  const rivals = await rivalsOf(services, model, found, scored.value);
  const checks = judgeGate({
    rules: model.gate,
    first: model.first,
    candidate: mine ?? { metrics: {}, unusable: {}, slices: {} },
    hasChampion: champion !== undefined,
    isServing: isServing(services, pipeline, candidate),
    champion: isEvaluation(rival) ? rival : scored.value.champion,
    rivals,
    commands,
    successes,
  });
  const verdict: Omit<GateVerdict, 'id'> = {
    candidate: { model: candidate.model, version: candidate.version },
    candidateHash: candidate.hash,
    gateHash: hashOf(pipeline, model, { found, successes }),
    verdict: gateVerdict(checks),
    checks,
    judgedAt: services.clock.now(),
    champion: champion === undefined ? undefined : { model: champion.model, version: champion.version },
    championHash: champion === undefined ? undefined : champion.hash,
    dataHash: mine === undefined ? undefined : mine.dataHash,
    candidateEvaluation: mine === undefined ? undefined : mine.id,
    ...(isEvaluation(rival) ? { championEvaluation: rival.id } : {}),
  };
  return ok({
    evaluations,
    gate: { ...verdict, id: services.registry.models.recordGateVerdict(verdict) },
    unscoredRival: isOnlyUnscored(checks, rivals) ? scored.value.unscored : undefined,
  });
}

/** Whether every failed check is a comparison with a rival that could not be scored. */
function isOnlyUnscored(checks: readonly GateCheck[], rivals: Readonly<Record<Comparator, Rival>>): boolean {
  const whys = new Set(Object.values(rivals).flatMap((one) => (one.kind === 'unscored' ? [one.why] : [])));
  const failed = checks.filter((check) => check.verdict === 'fail');
  return failed.length > 0 && failed.every((check) => whys.has(check.detail));
}

const isEvaluation = (one: Evaluation | string | undefined): one is Evaluation =>
  one !== undefined && typeof one !== 'string';

const isServing = (
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  { version }: ModelVersion,
): boolean => championOf(services, pipeline)?.version === version;

const foundVersion = (found: FoundRival | undefined): ModelVersion | undefined =>
  found?.kind === 'version' ? found.version : undefined;

/** For each rule of prior successes: how many of the newest other runs succeeded, up to the required number. */
function countSuccesses(services: Pick<Services, 'registry'>, pipeline: Pipeline, candidate: ModelVersion) {
  return (pipeline.model?.gate ?? []).flatMap((rule): readonly number[] => {
    if (rule.kind !== 'successes') return [];
    const runs = services.registry.runs
      .list({ pipeline: pipeline.name, limit: RUNS })
      .filter((run) => run.id !== candidate.run && run.status !== 'running')
      .filter((run) => rule.profile === undefined || run.profile === rule.profile);
    const broken = runs.findIndex((run) => run.status !== 'succeeded');
    return [Math.min(rule.count, broken < 0 ? runs.length : broken)];
  });
}

/** How many of the newest runs are searched for successes. */
const RUNS = 1000;

interface Facts {
  readonly found: ReadonlyMap<Comparator, FoundRival>;
  readonly successes: readonly number[];
}

const hashOf = (pipeline: Pipeline, model: ModelSpec, { found, successes }: Facts): ContentHash =>
  gateHash(model, pipeline.params, {
    others: [...found].flatMap(([name, one]) =>
      name === 'champion' ? [] : [[name, foundVersion(one)?.hash] as const],
    ),
    successes,
  });

/** The last verdict on a version, if champion, test data and gate have not changed since. */
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
  const facts = {
    found: findRivals(services, pipeline, version),
    successes: countSuccesses(services, pipeline, version),
  };
  const rival = champion?.version === version.version ? undefined : champion;
  if (last.candidateHash !== version.hash) return ok(undefined);
  if (last.gateHash !== hashOf(pipeline, model, facts) || last.championHash !== rival?.hash) return ok(undefined);
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
  readonly found: ReadonlyMap<Comparator, FoundRival>;
}

interface AllScored {
  readonly mine?: Evaluation;
  /** Evaluations by the names that rules use. Text is the reason why a rival could not be scored. */
  readonly theirs: ReadonlyMap<Comparator, Evaluation | string>;
  /** What the verdict shows of the champion, if it was not scored beside the candidate. */
  readonly champion?: Scored;
  /** Why the first of the rivals that could not be scored could not. */
  readonly unscored?: Failure;
}

async function scoreAll(
  services: Services,
  pipeline: Pipeline,
  { candidate, found }: Contestants,
  when: When & { readonly run: RunId },
): Promise<Result<AllScored, Failure>> {
  const spec = pipeline.model?.evaluate;
  if (spec === undefined) return ok(scoredByTrainings(services, candidate, foundVersion(found.get('champion'))));
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return datasets;
  const context: EvaluationContext = { pipeline, spec, run: when.run, now: when.now, datasets: datasets.value };
  const versions = new Map(
    [...found.values()].flatMap((one) => (one.kind === 'version' ? [[one.version.hash, one.version] as const] : [])),
  );
  const [mine, ...others] = await evaluateVersions(services, [candidate, ...versions.values()], () => context);
  if (mine === undefined) throw new Error('internal error: no scores of the candidate');
  if (!mine.ok) return mine;
  // If today's code cannot score an old model, the gate refuses with that reason. The run does not fail.
  const scores = new Map([...versions.keys()].map((hash, i) => [hash, others[i]]));
  const theirs = [...found].flatMap(([name, one]): readonly (readonly [Comparator, Evaluation | string])[] => {
    const done = one.kind === 'version' ? scores.get(one.version.hash) : undefined;
    return done === undefined ? [] : [[name, done.ok ? done.value : done.error.code]];
  });
  const unscored = others.flatMap((one) => (one.ok ? [] : [one.error]))[0];
  return ok({ mine: mine.value, theirs: new Map(theirs), unscored });
}

/** What the gate knows of each rival: its scores, and the predictions of both models on the same rows. */
async function rivalsOf(
  services: Services,
  model: ModelSpec,
  found: ReadonlyMap<Comparator, FoundRival>,
  { mine, theirs }: AllScored,
): Promise<Readonly<Record<Comparator, Rival>>> {
  const rivals: Record<Comparator, Rival> = {};
  for (const [name, one] of found) {
    const scored = theirs.get(name);
    if (one.kind !== 'version') rivals[name] = one;
    else if (mine === undefined || !isEvaluation(scored))
      rivals[name] = { kind: 'unscored', why: `the ${name} could not be scored: ${scored ?? 'no evaluation'}` };
    else {
      const paired = await pairPredictions(services, mine, scored, sliceNames(model.gate));
      rivals[name] = { kind: 'scored', label: one.label, scored, ...paired };
    }
  }
  return rivals;
}

/**
 * Without `evaluate`, the gate judges the metrics of the run itself. The champion's are those of its own run, on other data, so they
 * are shown and never compared.
 */
function scoredByTrainings(services: Services, candidate: ModelVersion, champion: ModelVersion | undefined): AllScored {
  const metrics = trainingMetrics(services, candidate);
  const theirs = champion === undefined ? undefined : trainingMetrics(services, champion);
  const shown = theirs === undefined ? undefined : { metrics: theirs, unusable: {}, slices: {} };
  if (metrics === undefined) return { theirs: new Map(), champion: shown };
  const evaluation: Omit<Evaluation, 'id'> = {
    version: { model: candidate.model, version: candidate.version },
    run: candidate.run,
    dataHash: candidate.hash,
    metrics,
    unusable: {},
    slices: {},
    evaluatedAt: services.clock.now(),
  };
  const mine = { ...evaluation, id: services.registry.models.recordEvaluation(evaluation) };
  return { mine, theirs: new Map(), champion: shown };
}

/** The last value of each metric of the run that made a version. */
function trainingMetrics(
  { registry: { runs } }: Pick<Services, 'registry'>,
  { run }: ModelVersion,
): Evaluation['metrics'] | undefined {
  const points = runs.executions(run).flatMap((execution) => runs.metrics(execution.id));
  return points.length === 0 ? undefined : Object.fromEntries(points.map((point) => [point.key, point.value]));
}
