import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION } from './champion.js';

/** Finds a version by `model`, `model@3` or `model@champion`. */
export function findVersion(services: Pick<Services, 'registry'>, subject: string): ModelVersion | undefined {
  const [name = '', which] = subject.split('@');
  const { models } = services.registry;
  const model = models.names().find((one) => one === name);
  if (model === undefined) return undefined;
  if (which === undefined) {
    const champion = models.alias(model, CHAMPION);
    return champion === undefined ? models.versions(model).at(-1) : models.get({ model, version: champion.to });
  }
  const aliased = models.alias(model, which)?.to;
  const version = /^\d+$/.test(which) ? Number(which) : aliased;
  return version === undefined ? undefined : models.get({ model, version });
}
