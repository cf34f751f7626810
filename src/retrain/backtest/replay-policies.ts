import type { BacktestReport, BacktestTick, PolicyReplay } from '../../domain/decisions/backtest.js';
import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { Failure } from '../../domain/failure.js';
import type { ModelVersion } from '../../domain/models/model.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { Run } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf, toIso } from '../../domain/support/time.js';
import { championOf } from '../../models/champion.js';
import { withPipelineLock } from '../../serving/pipeline-lock.js';
import { recordDecision } from '../record-decision.js';
import { retrain } from '../retrain.js';
import { trainAndPublish } from '../train-and-publish.js';
import type { BacktestOptions } from './backtest-options.js';
import { logPredictions, type Policy, policiesOf } from './backtest-policies.js';
import { prepareTestData, type Scored, scoreVersions } from './score-in-force.js';

type Replayed = Omit<BacktestReport, 'isCached' | 'durationMs'>;

/** Replays every policy at every tick. Each has its own ledger and model, so they share only trainings. */
export async function replayPolicies(
  services: Services,
  pipeline: Pipeline,
  options: BacktestOptions,
): Promise<Result<Replayed, Failure>> {
  const policies = policiesOf(pipeline, options, services.registry.runs.newId(services.clock.now()));
  const ticks = new Map<Policy, BacktestTick[]>(policies.map((policy) => [policy, []]));
  const durations = new Map<Instant, number>();
  const moments = momentsOf(options);
  for (const [i, now] of moments.entries()) {
    if (services.signal.aborted) break;
    services.emit({ type: 'phase', text: `${toIso(now).slice(0, 10)}, ${i + 1} of ${moments.length}` });
    const done = await replayTick(services, policies, { now, durations });
    if (!done.ok) return done;
    for (const [policy, tick] of done.value) ticks.get(policy)?.push(tick);
  }
  const { metric, isHigherBetter } = metricOf(pipeline, [...ticks.values()].flat());
  return ok({
    pipeline: pipeline.name,
    from: options.from,
    to: options.to,
    everyMs: options.everyMs,
    isHigherBetter,
    policies: policies.map((policy) =>
      summarise(policy, ticks.get(policy) ?? [], { metric, isHigherBetter, durations }),
    ),
    metric,
  });
}

const momentsOf = ({ from, to, everyMs }: BacktestOptions): readonly Instant[] =>
  Array.from({ length: Math.floor((to - from) / everyMs) + 1 }, (_, i) => instantOf(from + i * everyMs));

interface Moment {
  readonly now: Instant;
  /** Durations of the trainings by their time. */
  readonly durations: Map<Instant, number>;
}

async function replayTick(
  services: Services,
  policies: readonly Policy[],
  moment: Moment,
): Promise<Result<ReadonlyMap<Policy, BacktestTick>, Failure>> {
  const when = { now: moment.now, isNowGiven: true };
  const [own] = policies;
  const inForce = new Map(policies.map((policy) => [policy, championOf(services, policy.pipeline)]));
  const versions = [...inForce.values()].filter((one) => one !== undefined);
  const score = async (): Promise<Result<Scored, Failure>> => {
    if (own === undefined || versions.length === 0) return ok(new Map());
    const prepared = await prepareTestData(services, own.pipeline, when);
    return prepared.ok ? scoreVersions(services, own.pipeline, versions, when) : prepared;
  };
  // A policy with a performance trigger needs the model's performance until now.
  const early = own?.isLogged === true ? await score() : undefined;
  if (early !== undefined && !early.ok) return early;
  for (const policy of policies.filter((one) => one.isLogged)) {
    const version = inForce.get(policy);
    if (early === undefined || version === undefined) continue;
    const logged = await logPredictions(services, policy, early.value.get(version.hash), moment.now);
    if (!logged.ok) return logged;
  }
  const decided = new Map<Policy, Decided>();
  for (const policy of policies) {
    const one = await decideAs(services, policy, inForce.get(policy), moment);
    if (!one.ok) return one;
    const { failure, ...what } = one.value;
    // A policy that never gets a model has no result.
    if (failure !== undefined && championOf(services, policy.pipeline) === undefined) return err(failure);
    decided.set(policy, what);
  }
  const scored = early ?? (await score());
  if (!scored.ok) return scored;
  return ok(
    new Map(
      policies.map((policy) => [
        policy,
        tickOf(services, {
          now: moment.now,
          version: inForce.get(policy),
          scored: scored.value,
          decided: decided.get(policy),
        }),
      ]),
    ),
  );
}

type Decided = Pick<BacktestTick, 'decision' | 'summary' | 'outcome' | 'windows'>;

/** A decision, with the failure of its training if there was one. */
type Tried = Decided & { readonly failure?: Failure };

const firstFailure = ({ failure, result }: Pick<RetrainReport, 'failure' | 'result'>): Failure | undefined =>
  failure ?? result?.failure ?? result?.report.failures[0];

function tickOf(
  { registry }: Services,
  {
    now,
    version,
    scored,
    decided,
  }: {
    readonly now: Instant;
    readonly version: ModelVersion | undefined;
    readonly scored: Scored;
    readonly decided: Decided | undefined;
  },
): BacktestTick {
  const trainedAt = version === undefined ? undefined : registry.runs.get(version.run)?.now;
  return {
    at: now,
    decision: 'wait',
    summary: '',
    ...decided,
    metrics: version === undefined ? {} : (scored.get(version.hash)?.metrics ?? {}),
    trainedAt,
  };
}

/** The decision of one policy, and the training that follows from it. Notes how long the training took. */
async function decideAs(
  services: Services,
  policy: Policy,
  champion: ModelVersion | undefined,
  { now, durations }: Moment,
): Promise<Result<Tried, Failure>> {
  const ended = policy.isJudged
    ? await retrainJudged(services, policy, now)
    : await trainWhenDue(services, policy, champion, now);
  if (!ended.ok) return ended;
  const { run, ...tried } = ended.value;
  // The longest duration, because later policies only restored the result.
  if (run !== undefined)
    durations.set(now, Math.max(durations.get(now) ?? 0, (run.finishedAt ?? run.startedAt) - run.startedAt));
  return ok(tried);
}

/** What a policy decided at a tick, with the run of its training. */
type Ended = Tried & { readonly run?: Run };

const optionsAt = (now: Instant) => ({
  now,
  isNowGiven: true,
  isForced: false,
  isDryRun: false,
  isEarnedLeftOut: true,
});

/** The tick of a policy that checks data and drift and evaluates its conditions. */
async function retrainJudged(services: Services, policy: Policy, now: Instant): Promise<Result<Ended, Failure>> {
  const done = await retrain(services, policy.pipeline, optionsAt(now));
  if (!done.ok) return done;
  const { decision, outcome, result } = done.value;
  const run = result?.report.run;
  return ok({
    decision: decision.decision,
    summary: decision.summary,
    outcome,
    ...(decision.decision === 'retrain' ? { windows: run?.windows } : {}),
    failure: firstFailure(done.value),
    run,
  });
}

/** The tick of a policy that decides by nothing but the time of its last training. */
async function trainWhenDue(
  services: Services,
  policy: Policy,
  champion: ModelVersion | undefined,
  now: Instant,
): Promise<Result<Ended, Failure>> {
  const { decisions } = services.registry;
  const [last] = decisions.list({ pipeline: policy.pipeline.name, decision: 'retrain', limit: 1 });
  const summary = policy.because(last?.now, now);
  if (summary === undefined) return ok({ decision: 'wait', summary: 'not due' });
  const { id } = recordDecision(services, policy.pipeline, {
    decision: 'retrain',
    because: { condition: 'schedule', state: 'fired', detail: summary },
    summary,
    pipeline: policy.pipeline.name,
    actor: services.surroundings.actor(),
    decidedAt: services.clock.now(),
    now,
  });
  const trained = await withPipelineLock(services, policy.pipeline, undefined, () =>
    trainAndPublish(services, policy.pipeline, {
      ...optionsAt(now),
      decision: id,
      trigger: { kind: 'schedule', detail: summary },
      champion,
    }),
  );
  if (!trained.ok) return trained;
  const { row, report } = trained.value;
  services.registry.decisions.recordOutcome(row);
  const run = report.result?.report.run;
  return ok({
    decision: 'retrain',
    summary,
    outcome: row.outcome,
    windows: run?.windows,
    failure: firstFailure(report),
    run,
  });
}

/** The first metric of the gate. Without a gate, the first metric that was scored. */
function metricOf(pipeline: Pipeline, ticks: readonly BacktestTick[]) {
  const scored = Object.keys(ticks.find((one) => Object.keys(one.metrics).length > 0)?.metrics ?? {});
  const rules = pipeline.model?.gate.flatMap((rule) => (rule.kind === 'metric' ? [rule] : [])) ?? [];
  const rule = rules.find((one) => scored.includes(one.metric));
  return { metric: rule?.metric ?? scored[0], isHigherBetter: rule?.direction !== 'lower' };
}

interface Measure {
  readonly metric: string | undefined;
  readonly isHigherBetter: boolean;
  readonly durations: ReadonlyMap<Instant, number>;
}

function summarise(
  { name, label }: Policy,
  ticks: readonly BacktestTick[],
  { metric, isHigherBetter, durations }: Measure,
): PolicyReplay {
  const values = ticks.flatMap((one) => (metric === undefined ? [] : (one.metrics[metric] ?? [])));
  const trained = ticks.filter((one) => one.outcome !== undefined);
  const worst = isHigherBetter ? Math.min(...values) : Math.max(...values);
  return {
    name,
    label,
    ticks,
    trainings: trained.length,
    published: trained.filter((one) => one.outcome === 'published').length,
    trainingMs: trained.reduce((sum, one) => sum + (durations.get(one.at) ?? 0), 0),
    ...(values.length === 0 ? {} : { mean: values.reduce((sum, one) => sum + one, 0) / values.length, worst }),
  };
}
