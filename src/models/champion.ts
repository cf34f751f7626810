import type { ContentHash, RunId } from '../domain/ids.js';
import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import type { When } from '../domain/when.js';

export const CHAMPION = 'champion';

/** How many of the newest runs are searched for the reference. A run of only some steps may lack it. */
const RUNS = 200;

/** The champion. For a moment before the ledger's latest, the version that was champion then. */
export function championOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when?: When,
): ModelVersion | undefined {
  const { models } = services.registry;
  const model = pipeline.model?.name;
  const move =
    model === undefined
      ? undefined
      : isPast(services, pipeline, when)
        ? models.aliasAt(model, CHAMPION, when.now)
        : models.alias(model, CHAMPION);
  return model === undefined || move === undefined ? undefined : models.get({ model, version: move.to });
}

/**
 * The version to roll back to: the one that served before the current one was promoted. Rollbacks are not counted, so
 * repeated rollbacks go further back and never return to a version that was rolled back.
 */
export function servedBefore(services: Pick<Services, 'registry'>, current: AliasMove | undefined): number | undefined {
  if (current === undefined) return undefined;
  const moves = services.registry.models.moves(current.model).filter((move) => move.alias === CHAMPION);
  const way = moves.filter((move) => move.kind === 'promotion' && move.to === current.to && move.from !== move.to);
  return way.length === 0 ? current.from : way.at(-1)?.from;
}

/**
 * Whether a given time lies before the latest decision, or, without one, before the latest successful run. If so, later
 * facts are ignored. Moves are not considered: in a ledger that is replayed with other times, a move carries the wall
 * clock. Facts of a machine whose clock was ahead are not considered either, or every `--now` would be in the past.
 */
export function isPast(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When | undefined,
): when is When {
  if (when?.isNowGiven !== true) return false;
  const wall = clock.now();
  const [decision] = registry.decisions.list({ pipeline: pipeline.name, limit: 1, decidedUntil: wall });
  if (decision !== undefined) return when.now < decision.now;
  const run = registry.runs
    .list({ pipeline: pipeline.name, status: 'succeeded', limit: RUNS })
    .find(({ startedAt }) => startedAt <= wall);
  return run !== undefined && when.now < run.now;
}

/**
 * The limit for facts of the ledger that a decision at `now` may use. By the wall clock, facts that lie in its future
 * come from a machine whose clock was ahead or from a later `--now`; they have not happened yet. For a past moment,
 * neither have later facts.
 */
export const ledgerUntil = (
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
): { readonly until?: Instant } => (!when.isNowGiven || isPast(services, pipeline, when) ? { until: when.now } : {});

/** The run whose data is the reference: the champion's, or before the first champion the last successful run. */
export function referenceRun(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when?: When,
): { readonly run: RunId; readonly source: string } | undefined {
  const champion = championOf(services, pipeline, when);
  if (champion !== undefined) return { run: champion.run, source: `champion ${champion.model}@${champion.version}` };
  const { runs } = services.registry;
  const path = pipeline.monitor?.reference;
  const isBackThen = isPast(services, pipeline, when);
  const last = runs
    .list({ pipeline: pipeline.name, status: 'succeeded', limit: RUNS })
    .filter((run) => !isBackThen || when === undefined || run.now <= when.now)
    .find((run) => path === undefined || runs.artifactAt(run.id, path) !== undefined);
  return last === undefined ? undefined : { run: last.id, source: `run ${last.id}` };
}

/** Hash of the monitor's reference artifact in that run. */
export function referenceHash(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  run: RunId,
): ContentHash | undefined {
  const path = pipeline.monitor?.reference;
  return path === undefined ? undefined : services.registry.runs.artifactAt(run, path)?.artifact.hash;
}
