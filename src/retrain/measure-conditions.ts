import { measureNewData } from '../data/datasets/new-data.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { EvaluatedCondition, RetrainDecision } from '../domain/decisions/decision.js';
import type {
  Measurements,
  NewDataSince,
  PendingEvent,
  TakenTrigger,
  UpstreamMove,
} from '../domain/decisions/measurements.js';
import type { Failure } from '../domain/failure.js';
import type { ModelName, RunId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Command, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf, MINUTE_MS } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { resolveCommand } from '../execute/attempt/command.js';
import { withoutSecrets } from '../execute/attempt/environment.js';
import { runCommand } from '../execute/attempt/run-command.js';
import { codeChanges } from '../execute/code-changes.js';
import { CHAMPION, isPast } from '../models/champion.js';
import { trainedAt } from '../models/training-time.js';
import { measurePerformances } from '../performance/measure-performances.js';
import { leavesOf } from './judge/evaluate-condition.js';
import type { Leaf } from './judge/fire-once.js';
import { commandKey } from './judge/triggers/command.js';
import { eventTrigger } from './judge/triggers/event.js';
import { isRefusedByOldFile } from './past-decisions.js';

/**
 * How many of the newest decisions are read for their condition trees: at least NEWEST, and up to HISTORY where `for`
 * needs more.
 */
const NEWEST = 32;
const HISTORY = 10_000;

/** How many of the newest runs are searched for the last training. */
const RUNS = 200;

/** Measures only what the declared conditions need. */
export async function measure(
  services: Services,
  pipeline: Pipeline,
  when: When,
  known: { readonly champion: ModelVersion; readonly drift: DriftReport | string; readonly isDryRun: boolean },
): Promise<Result<Measurements, Failure>> {
  const { runs } = services.registry;
  const leaves = pipeline.retrain === undefined ? [] : leavesOf(pipeline.retrain.when);
  const trainings = findTrainings(services, pipeline, when);
  const trained = newestOf(services, pipeline, when, trainings);
  const since = { trainings, championRun: known.champion.run };
  const newData = await measureAllNewData(services, pipeline, { leaves, since, when });
  if (!newData.ok) return newData;
  const asksCode = leaves.some((leaf) => leaf.kind === 'code_change');
  const changed = asksCode ? await codeChanges(services, pipeline, known.champion.run) : ok([]);
  if (!changed.ok) return changed;
  const championRun = runs.get(known.champion.run);
  return ok({
    now: when.now,
    newData: newData.value,
    drift: known.drift,
    performance: await measurePerformances(services, pipeline, when, { leaves, isRecorded: !known.isDryRun }),
    isWatchingPredictions: pipeline.monitor?.predictions !== undefined,
    codeChanges: changed.value,
    commands: await runConditionCommands(services, pipeline, leaves),
    events: pendingEvents(services, pipeline, when, trained),
    upstream: findUpstream(services, leaves, isPast(services, pipeline, when) ? when.now : undefined, trained),
    taken: takenTriggers(services, pipeline, when),
    latest: latestTrees(services, pipeline, when),
    history: treesOf(services, pipeline, { leaves, when, champion: known.champion.version }),
    championVersion: known.champion.version,
    lastTrainedAt: trained?.trainedAt,
    championTrainedAt: championRun === undefined ? undefined : trainedAt(services, pipeline, when, championRun),
  });
}

async function measureAllNewData(
  services: Services,
  pipeline: Pipeline,
  asked: {
    readonly leaves: readonly Leaf[];
    readonly since: { readonly trainings: readonly Run[]; readonly championRun: RunId };
    readonly when: When;
  },
): Promise<Result<Measurements['newData'], Failure>> {
  const leaves = asked.leaves.flatMap((leaf) => (leaf.kind === 'new_data' ? [leaf] : []));
  const newData: Record<string, NewDataSince | string> = {};
  for (const name of new Set(leaves.map((leaf) => leaf.dataset))) {
    const dataset = pipeline.datasets.find((one) => one.name === name);
    const countsLabels = leaves.some((leaf) => leaf.dataset === name && leaf.labels !== undefined);
    const measured = await measureNewData(services, pipeline, { ...asked.since, dataset, countsLabels }, asked.when);
    if (!measured.ok) return measured;
    newData[name ?? ''] = measured.value;
  }
  return ok(newData);
}

/**
 * Runs that made a model, newest first, including those whose candidate was refused, because new data that has been
 * tried must not fire again. Runs of some steps that made no model do not count, nor trainings that failed after their
 * steps: their candidate was never judged, so their triggers stay armed.
 */
const findTrainings = (services: Services, pipeline: Pipeline, when: When): readonly Run[] => {
  const { runs, decisions } = services.registry;
  const path = pipeline.model?.path;
  const hasFailed = ({ id }: Run): boolean => {
    const decision = decisions.ofRun(id);
    const outcome = decision === undefined ? undefined : decisions.outcome(decision.id);
    return outcome?.outcome === 'failed' && outcome.to === undefined;
  };
  const trainings = runs
    .list({ pipeline: pipeline.name, status: 'succeeded', limit: RUNS })
    .filter((run) => !run.isTainted && path !== undefined && runs.artifactAt(run.id, path) !== undefined)
    .filter((run) => !hasFailed(run));
  if (when.isNowGiven && !isPast(services, pipeline, when)) return trainings;
  const happened = trainings.filter((run) => run.now <= when.now);
  // A model whose only trainings lie in the future is trained all the same: it must not wait for that future.
  return happened.length > 0 || when.isNowGiven ? happened : trainings;
};

/** The newest training, at the time by which triggers count it. */
interface Training {
  readonly run: Run;
  readonly trainedAt: Instant;
  /** By the wall clock. `undefined` if that lies in the future. */
  readonly startedAt: Instant | undefined;
}

function newestOf(services: Services, pipeline: Pipeline, when: When, [run]: readonly Run[]): Training | undefined {
  if (run === undefined) return undefined;
  const { startedAt } = run;
  return {
    run,
    trainedAt: trainedAt(services, pipeline, when, run),
    startedAt: startedAt > services.clock.now() ? undefined : startedAt,
  };
}

/** The newest run that made a model, and by which time triggers count it. */
export const newestTraining = (services: Services, pipeline: Pipeline, when: When): Training | undefined =>
  newestOf(services, pipeline, when, findTrainings(services, pipeline, when));

/**
 * Events from `refit trigger` that no successful training has answered and that are not older than the newest training.
 */
export function pendingEvents(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  trained: Training | undefined,
): Readonly<Record<string, readonly PendingEvent[]>> {
  const taken = new Set(takenTriggers(services, pipeline, when).map((one) => one.id));
  const pending: Record<string, PendingEvent[]> = {};
  const isBackThen = isPast(services, pipeline, when);
  for (const { name, key, now, recordedAt } of services.registry.triggers.events(pipeline.name)) {
    const isLater = isBackThen && now > when.now;
    // Compared by the wall clock, which gives the real order even if the ledger is replayed with other times.
    const isOlder = trained?.startedAt !== undefined && recordedAt < trained.startedAt;
    if (isLater || isOlder || taken.has(eventTrigger(name, key))) continue;
    pending[name] = [...(pending[name] ?? []), { key, at: now }];
  }
  return pending;
}

/** By so much the clock of a machine may be set back without a training of a moment ago being forgotten. */
const SET_BACK_MS = MINUTE_MS;

function takenTriggers(
  { registry }: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  { now, isNowGiven }: When,
): readonly TakenTrigger[] {
  const until = isNowGiven ? now : now + SET_BACK_MS;
  const taken = registry.triggers.trained(pipeline.name).filter((one) => !one.hasFailed && one.now <= until);
  const refused = new Map(
    [...new Set(taken.map((one) => one.decision))].map((id) => [id, isRefusedByOldFile(registry, pipeline, id)]),
  );
  return taken.map(({ trigger, decision, now }) => ({
    id: trigger,
    decision,
    now,
    isRefusedByOldFile: refused.get(decision),
  }));
}

/** The champions of the models that this one is built on, now and at the last training. */
function findUpstream(
  { registry: { models } }: Services,
  leaves: readonly Leaf[],
  at: Instant | undefined,
  trained: Training | undefined,
): NonNullable<Measurements['upstream']> {
  const found: Record<string, UpstreamMove | string> = {};
  const startedAt = trained?.startedAt;
  for (const leaf of leaves) {
    if (leaf.kind !== 'upstream') continue;
    const name = leaf.model as ModelName;
    const move = at === undefined ? models.alias(name, CHAMPION) : models.aliasAt(name, CHAMPION, at);
    const before = models
      .moves(name)
      .findLast(({ alias, movedAt }) => alias === CHAMPION && startedAt !== undefined && movedAt <= startedAt);
    found[name] =
      move === undefined
        ? `no version of "${name}" has been promoted in this workspace`
        : { generation: move.generation, version: move.to, at: move.now, known: before?.generation ?? 0 };
  }
  return found;
}

function latestTrees(services: Services, pipeline: Pipeline, when: When): readonly EvaluatedCondition[] {
  return services.registry.decisions.list({ pipeline: pipeline.name, limit: NEWEST, until: when.now }).map(treeOf);
}

const treeOf = (decision: RetrainDecision): EvaluatedCondition => decision.conditions ?? decision.because;

/** Condition trees of earlier decisions under this champion, newest first: as many as `for` may need. */
function treesOf(
  services: Services,
  pipeline: Pipeline,
  asked: { readonly leaves: readonly Leaf[]; readonly when: When; readonly champion: number },
): readonly EvaluatedCondition[] {
  const { leaves, when, champion } = asked;
  const { decisions } = services.registry;
  const filter = { pipeline: pipeline.name, champion, until: when.now };
  const newest = decisions.list({ ...filter, limit: NEWEST });
  const reachMs = Math.max(
    0,
    ...leaves.map(({ persist }) => (persist === undefined ? 0 : persist.of * persist.everyMs)),
  );
  const since = instantOf(when.now - reachMs);
  const oldest = newest.at(-1);
  const isEnough = newest.length < NEWEST || oldest === undefined || oldest.now <= since;
  const all = isEnough ? newest : decisions.list({ ...filter, since, limit: HISTORY });
  return all.map(treeOf);
}

async function runConditionCommands(
  services: Services,
  pipeline: Pipeline,
  leaves: readonly Leaf[],
): Promise<Readonly<Record<string, number | string>>> {
  const results: Record<string, number | string> = {};
  for (const leaf of leaves)
    if (leaf.kind === 'command') results[commandKey(leaf.command)] = await ask(services, pipeline, leaf.command);
  return results;
}

async function ask(services: Services, pipeline: Pipeline, command: Command): Promise<number | string> {
  await services.files.makeFolder('.refit/logs/conditions');
  const { outcome } = await runCommand(services, {
    argv: resolveCommand(command, { params: pipeline.params }),
    env: { ...withoutSecrets(pipeline, services.surroundings.env()), REFIT_STEP: 'condition' },
    environment: pipeline.environment,
    logPath: `.refit/logs/conditions/${pipeline.name}.log`,
    timeoutMs: 60_000,
  });
  return outcome.kind === 'exited' ? outcome.exitCode : outcome.kind;
}
