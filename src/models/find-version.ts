import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import { CHAMPION } from './champion.js';

/** The newest version, whether it serves or not. An alias of that name goes before it. */
const LATEST = 'latest';

/**
 * Finds a version by `model`, `model@3`, `model@champion` or `model@latest`. A bare model is its champion, or the newest version
 * if none serves; with `until`, the champion of that time. Without a model, as in `@champion`, it is that of the only model.
 */
export function findVersion(
  services: Pick<Services, 'registry'>,
  subject: string,
  until?: Instant,
): ModelVersion | undefined {
  const [name = '', which] = subject.split('@');
  const { models } = services.registry;
  const names = models.names();
  const model = name === '' && which !== undefined && names.length === 1 ? names[0] : names.find((one) => one === name);
  if (model === undefined) return undefined;
  const newest = (): ModelVersion | undefined => models.versions(model).at(-1);
  const aliased = (alias: string) =>
    until === undefined ? models.alias(model, alias) : models.aliasAt(model, alias, until);
  if (which === undefined) {
    const champion = aliased(CHAMPION);
    return champion === undefined ? newest() : models.get({ model, version: champion.to });
  }
  const named = aliased(which)?.to;
  if (named === undefined && which === LATEST) return newest();
  const version = /^\d+$/.test(which) ? Number(which) : named;
  return version === undefined ? undefined : models.get({ model, version });
}
