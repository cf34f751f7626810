import type { RetrainDecision } from '../domain/decisions/decision.js';
import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { DeliveryFacts, Release } from '../domain/models/delivery.js';
import type { AliasMove } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import type { When } from '../domain/when.js';
import { CHAMPION } from '../models/champion.js';
import { modelNames } from '../models/model-names.js';
import { deliveryView } from './views/delivery-view.js';

type Dependencies = Pick<Services, 'registry'>;

/** Triggers with a cause in the world, for which the time of first detection is known. */
const WORLD = ['data_drift', 'target_drift', 'prediction_drift', 'performance'];

/** How many decisions are searched for the first detection of a drift. */
const DECISIONS = 10_000;

/** Lead times from commit to serving, for all models or one, from the ledger until `now`. */
export function delivery(
  services: Dependencies,
  name: string | undefined,
  span: When & { readonly since?: Instant },
): Result<View, Failure> {
  const names = modelNames(services, name);
  if (!names.ok) return names;
  return ok(deliveryView(names.value.map((one) => deliveryOf(services, one, span))));
}

/** The lead times and counts of one model. */
export function deliveryOf(
  services: Dependencies,
  model: ModelName,
  span: When & { readonly since?: Instant },
): DeliveryFacts {
  const { models } = services.registry;
  const all = models.moves(model).filter((move) => move.alias === CHAMPION);
  const until = span.isNowGiven ? span.now : ledgerTime(services, span.now, all.at(-1));
  const known = all.filter((move) => move.now <= until);
  const since = span.since ?? known[0]?.now ?? until;
  const moves = known.filter((move) => move.now >= since);
  const verdicts = models
    .versions(model)
    .flatMap((version) => models.gateVerdicts(version).slice(0, 1))
    .filter((verdict) => isWithin(services, verdict.candidate, { since, until }));
  const last = known.at(-1);
  const champion = last === undefined ? undefined : championFacts(services, last, known);
  return {
    model,
    since,
    until,
    releases: moves.flatMap((move) => releaseOf(services, move)),
    rollbacks: moves
      .filter((move) => move.kind === 'rollback')
      .map((move) => {
        const undone = known.findLast((one) => one.generation < move.generation && one.to === move.from);
        return { move, undone };
      }),
    judged: verdicts.length,
    rejected: verdicts.filter((one) => one.verdict === 'fail').length,
    champion,
  };
}

/**
 * The ledger's time: that of its last entry plus the wall-clock time since then. A history replayed with `--now` ends
 * at its replayed time. Otherwise this equals the wall clock.
 */
function ledgerTime(services: Dependencies, now: Instant, move: AliasMove | undefined): Instant {
  if (move === undefined) return now;
  const { decisions, models, runs } = services.registry;
  const version = models.get({ model: move.model, version: move.to });
  const pipeline = version === undefined ? undefined : runs.get(version.run)?.pipeline;
  const [decision] = pipeline === undefined ? [] : decisions.list({ pipeline, limit: 1, decidedUntil: now });
  const last =
    decision === undefined || decision.decidedAt < move.movedAt
      ? { at: move.movedAt, now: move.now }
      : { at: decision.decidedAt, now: decision.now };
  return instantOf(last.now + Math.max(0, now - last.at));
}

function isWithin(
  { registry: { models, runs } }: Dependencies,
  ref: Parameters<typeof models.get>[0],
  { since, until }: { readonly since: Instant; readonly until: Instant },
): boolean {
  const version = models.get(ref);
  const now = version === undefined ? undefined : runs.get(version.run)?.now;
  return now !== undefined && now >= since && now <= until;
}

function championFacts(
  { registry: { models, runs } }: Dependencies,
  last: AliasMove,
  moves: readonly AliasMove[],
): DeliveryFacts['champion'] {
  const version = models.get({ model: last.model, version: last.to });
  const run = version === undefined ? undefined : runs.get(version.run);
  const since = moves.findLast((move) => move.to === last.to && move.from !== last.to) ?? last;
  return version === undefined || run === undefined
    ? undefined
    : { version, trainedAt: run.now, servedSince: since.now };
}

function releaseOf(services: Dependencies, move: AliasMove): readonly Release[] {
  if (move.kind !== 'promotion' || move.from === move.to) return [];
  const { models, runs } = services.registry;
  const version = models.get({ model: move.model, version: move.to });
  const run = version === undefined ? undefined : runs.get(version.run);
  if (run === undefined) return [];
  const judged = move.gate === undefined ? undefined : models.gateVerdict(move.gate);
  const seen = firstSeen(services, move, run);
  return [
    {
      move,
      run,
      judgedAt: judged === undefined ? undefined : judged.judgedAt,
      driftSeenAt: seen,
    },
  ];
}

/** Time of the first decision, under the replaced champion, that detected the drift or measured the loss. */
function firstSeen({ registry }: Dependencies, move: AliasMove, run: Run): Instant | undefined {
  if (move.from === undefined || !WORLD.includes(run.trigger.kind)) return undefined;
  const seen = registry.decisions
    .list({ pipeline: run.pipeline, champion: move.from, until: move.now, limit: DECISIONS })
    .filter((decision) => hasSeen(decision, run.trigger.kind));
  return seen.reduce<Instant | undefined>(
    (first, { now }) => (first === undefined || now < first ? now : first),
    undefined,
  );
}

function hasSeen({ drift, conditions, because }: RetrainDecision, kind: string): boolean {
  if (kind !== 'performance') return drift?.verdict === 'drift';
  const holds = (tree: NonNullable<typeof conditions>): boolean =>
    tree.of === undefined ? tree.condition === kind && (tree.held ?? tree.state === 'fired') : tree.of.some(holds);
  return holds(conditions ?? because);
}
