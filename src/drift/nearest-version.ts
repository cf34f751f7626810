import type { DriftReport } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { newestFirst } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { championOf, isPast, referenceHash } from '../models/champion.js';
import { rollbackObstacle } from '../models/rollback-obstacle.js';
import { isRolledBackFrom } from '../models/rolled-back.js';
import { compactProfile } from './judge/compact-profile.js';
import { tableDistance } from './judge/noise-free-distance.js';

/** Newest versions that are compared. */
const MOST_VERSIONS = 50;
/** Another version is clearly closer if its distance is at most this share of the champion's. */
const CLEARLY = 0.5;

/** The earlier version whose training data is closest to the current window, by its run's stored profile. */
export function nearestVersion(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  window: TableProfile,
  when: When,
): DriftReport['nearestVersion'] {
  const champion = championOf(services, pipeline, when);
  if (champion === undefined) return undefined;
  const { models, profiles, runs } = services.registry;
  const ignore = pipeline.monitor?.ignore ?? [];
  const distanceOf = (run: typeof champion.run): number | undefined => {
    const hash = referenceHash(services, pipeline, run);
    const profile = hash === undefined ? undefined : profiles.get(hash, 'table');
    return profile === undefined ? undefined : tableDistance(compactProfile(profile), window, ignore);
  };
  const championDistance = distanceOf(champion.run);
  if (championDistance === undefined) return undefined;
  const isTooLate = isPast(services, pipeline, when);
  const others = [...models.versions(champion.model)]
    .filter((one) => !isTooLate || (runs.get(one.run)?.now ?? 0) <= when.now)
    .filter((one) => one.version !== champion.version)
    // A person left it for a reason that the data does not tell.
    .filter((one) => !isRolledBackFrom(services, one))
    .filter((one) => !isRefused(services, one))
    .sort((a, b) => b.version - a.version)
    .slice(0, MOST_VERSIONS)
    .flatMap((one) => {
      const distance = distanceOf(one.run);
      return distance === undefined ? [] : [{ model: one.model, version: one.version, distance }];
    })
    .sort((a, b) => a.distance - b.distance || b.version - a.version);
  const nearest = others[0];
  return nearest === undefined
    ? undefined
    : { ...nearest, championDistance, isClearlyCloser: nearest.distance <= CLEARLY * championDistance };
}

/** Whether the gate or a person refused the version: nobody is advised to serve it. */
function isRefused(services: Pick<Services, 'registry' | 'clock'>, version: ModelVersion): boolean {
  const obstacle = rollbackObstacle(services, version, undefined);
  if (obstacle !== 'never-served') return obstacle !== undefined;
  const { models } = services.registry;
  const isRejected = models.approvals(version)[0]?.answer === 'rejected';
  const [newest] = newestFirst(models.gateVerdicts(version), (verdict) => verdict.judgedAt, services.clock.now());
  return isRejected || newest?.verdict === 'fail';
}
