import type { ContentHash } from '../domain/ids.js';
import type { Removed } from '../domain/models/removed.js';
import type { Services } from '../domain/ports/services.js';

/**
 * Why the store here need not have these bytes, if it does not have them. `undefined`: it should have them, or a remote has them and
 * a pull fetches them.
 */
export function removedBytes({ registry }: Pick<Services, 'registry'>, hash: ContentHash): Removed | undefined {
  const { models, runs, upkeep } = registry;
  const at = upkeep.collectedAt(hash);
  if (at === undefined || upkeep.isElsewhere(hash)) return undefined;
  // An import gives a version whose bytes it did not find a size of 0.
  const isUnfound = models
    .withHash(hash)
    .some(({ run, size }) => size === 0 && runs.get(run)?.environment.origin !== undefined);
  if (isUnfound) return { by: 'import', at };
  return { by: upkeep.wasNeverHere(hash) ? 'sender' : 'gc', at };
}
