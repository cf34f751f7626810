import type { ContentHash, RunId } from '../domain/ids.js';
import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';

export const CHAMPION = 'champion';

/** Newest runs among which one with the reference is looked for; a run of some steps only may lack it. */
const RUNS = 200;

/** The serving version, where there is one; for a moment before the ledger's last, the one that served then. */
export function championOf(
  services: Pick<Services, 'registry'>,
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
 * The version that served before the current one was first promoted to where it stands. A rollback is no step of that
 * way: after it the next one goes further back, never forward to what was left for good reason.
 */
export function servedBefore(services: Pick<Services, 'registry'>, current: AliasMove | undefined): number | undefined {
  if (current === undefined) return undefined;
  const moves = services.registry.models.moves(current.model).filter((move) => move.alias === CHAMPION);
  const way = moves.filter((move) => move.kind === 'promotion' && move.to === current.to && move.from !== move.to);
  return way.length === 0 ? current.from : way.at(-1)?.from;
}

/**
 * Whether a given moment lies before what the ledger knows already: then nothing later has happened yet. A move by the
 * wall clock, in a ledger that is played in another time, does not make its own time the past.
 */
export function isPast(
  { registry }: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  when: When | undefined,
): when is When {
  if (when?.isNowGiven !== true) return false;
  const [decision] = registry.decisions.list({ pipeline: pipeline.name, limit: 1 });
  if (decision !== undefined) return when.now < decision.now;
  const [run] = registry.runs.list({ pipeline: pipeline.name, status: 'succeeded', limit: 1 });
  return run !== undefined && when.now < run.now;
}

/** Whose data is the reference: the champion's run, before the first champion the last run that succeeded. */
export function referenceRun(
  services: Pick<Services, 'registry'>,
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

/** Content of the monitor's reference artifact in that run's lineage. */
export function referenceHash(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  run: RunId,
): ContentHash | undefined {
  const path = pipeline.monitor?.reference;
  return path === undefined ? undefined : services.registry.runs.artifactAt(run, path)?.artifact.hash;
}
