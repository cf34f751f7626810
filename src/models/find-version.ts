import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION } from './champion.js';

/** The newest version, whether it serves or not. An alias of that name goes before it. */
const LATEST = 'latest';

/**
 * Finds a version by `model`, `model@3`, `model@champion` or `model@latest`. A bare model is its champion, or the newest version
 * if none serves. Without a model, as in `@champion`, it is that of the only model.
 */
export function findVersion(services: Pick<Services, 'registry'>, subject: string): ModelVersion | undefined {
  const [name = '', which] = subject.split('@');
  const { models } = services.registry;
  const names = models.names();
  const model = name === '' && which !== undefined && names.length === 1 ? names[0] : names.find((one) => one === name);
  if (model === undefined) return undefined;
  const newest = (): ModelVersion | undefined => models.versions(model).at(-1);
  if (which === undefined) {
    const champion = models.alias(model, CHAMPION);
    return champion === undefined ? newest() : models.get({ model, version: champion.to });
  }
  const aliased = models.alias(model, which)?.to;
  if (aliased === undefined && which === LATEST) return newest();
  const version = /^\d+$/.test(which) ? Number(which) : aliased;
  return version === undefined ? undefined : models.get({ model, version });
}
