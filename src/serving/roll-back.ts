import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import { removedText } from '../domain/models/removed.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, type Result } from '../domain/support/result.js';
import { timedNow, type When } from '../domain/when.js';
import { CHAMPION, referenceHash, servedBefore } from '../models/champion.js';
import { goesBackward } from '../models/ledger.js';
import { removedBytes } from '../models/removed-bytes.js';
import { rollbackObstacle } from '../models/rollback-obstacle.js';
import { checkFiles, failedHooks } from './check-serving.js';
import { type MovedChampion, moveChampion } from './move-champion.js';
import { withPipelineLock } from './pipeline-lock.js';

export interface RollbackOptions extends When {
  readonly to?: number;
  readonly reason: string;
  readonly isForced: boolean;
  readonly waitMs?: number;
}

/**
 * Moves back to the version that served before, or to a named one that has served. Its stored bytes are verified; the gate
 * is not asked. Other versions need `isForced`, which marks the move.
 */
export async function rollBack(
  services: Services,
  pipeline: Pipeline,
  given: RollbackOptions,
): Promise<Result<MovedChampion, Failure>> {
  return withPipelineLock(services, pipeline, given.waitMs, async () => {
    const options = timedNow(services, given);
    // By the wall clock a rollback is always allowed, because an urgent one must not wait for a ledger that is ahead of it.
    const backward = options.isNowGiven ? goesBackward(services, pipeline, options) : undefined;
    if (backward !== undefined) return err(backward);
    const { models } = services.registry;
    const name = pipeline.model?.name;
    const current = name === undefined ? undefined : models.alias(name, CHAMPION);
    const target = options.to ?? servedBefore(services, current);
    const version =
      name === undefined || target === undefined ? undefined : models.get({ model: name, version: target });
    if (name !== undefined && target === undefined) return err(nothingBefore(services, name, current));
    if (name === undefined || version === undefined)
      return err({
        code: 'not-found',
        what: 'version',
        name: `${name ?? pipeline.name}@${target}`,
        available: name === undefined ? [] : models.versions(name).map((one) => `${name}@${one.version}`),
        next: `see "refit models ${name ?? pipeline.name}"`,
      });
    if (version.version === current?.to)
      return err({
        code: 'usage',
        problem: `${name}@${version.version} serves already`,
        next: (await isBroken(services, pipeline))
          ? `refit promote ${name}@${version.version} --reason "…" puts right what "refit status" names`
          : `name an earlier version with --to; see "refit models ${name}"`,
      });
    const because = rollbackObstacle(services, version, pipeline.model?.approval);
    if (because !== undefined && !options.isForced)
      return err({ code: 'rollback-refused', version: `${name}@${version.version}`, because });
    const moved = await moveChampion(services, pipeline, version, {
      kind: 'rollback',
      reason: options.reason,
      isForced: because !== undefined,
      trigger: 'manual',
      now: options.now,
    });
    if (moved.ok && moved.value.move !== undefined) await warnOfReference(services, pipeline, version);
    return moved;
  });
}

/** The rollback may be urgent, so it is done. What it costs is said. */
async function warnOfReference(services: Services, pipeline: Pipeline, version: ModelVersion): Promise<void> {
  const hash = referenceHash(services, pipeline, version.run);
  const removed = hash === undefined ? undefined : removedBytes(services, hash);
  if (hash === undefined || removed === undefined) return;
  if (await services.artifacts.has(hash)) return;
  services.emit({
    type: 'warning',
    code: 'reference-removed',
    text: `the rows of the reference of ${version.model}@${version.version} are not in the store: ${removedText(removed)}. While it serves, check-drift and retrain cannot compare with them and fail; promote a version whose reference is here once you can`,
  });
}

const isBroken = async (services: Services, pipeline: Pipeline): Promise<boolean> =>
  failedHooks(services, pipeline).length > 0 || (await checkFiles(services, pipeline)).length > 0;

/** Says what a rollback without `--to` found: nothing serves, or the version that serves is the first one that ever did. */
function nothingBefore({ registry }: Services, model: ModelName, current: AliasMove | undefined): Failure {
  const others = registry.models
    .versions(model)
    .filter((one) => one.version !== current?.to)
    .map((one) => `${model}@${one.version}`);
  const [other] = others.slice(-1);
  if (current === undefined)
    return {
      code: 'usage',
      problem: `no version of ${model} serves, so there is nothing to go back from`,
      next:
        other === undefined ? `train one: "refit models ${model}"` : `serve one: refit promote ${other} --reason "…"`,
    };
  return {
    code: 'usage',
    problem: `${model}@${current.to} serves, and no version of ${model} served before it`,
    next:
      other === undefined
        ? 'it is the only version there is'
        : `${others.slice(-3).join(', ')} ${others.length === 1 ? 'was' : 'were'} registered and never served: refit rollback ${model} --to ${other.split('@')[1]} --force --reason "…"`,
  };
}
