import type { ModelName } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import { CHAMPION } from './champion.js';

/** Finds a version by `model`, `model@3` or `model@champion`; with `until`, the champion of that time. */
export function findVersion(
  services: Pick<Services, 'registry'>,
  subject: string,
  until?: Instant,
): ModelVersion | undefined {
  const [name = '', which] = subject.split('@');
  const { models } = services.registry;
  const model = models.names().find((one) => one === name);
  if (model === undefined) return undefined;
  const aliased = (name: ModelName, alias: string) =>
    until === undefined ? models.alias(name, alias) : models.aliasAt(name, alias, until);
  if (which === undefined) {
    const champion = aliased(model, CHAMPION);
    return champion === undefined ? models.versions(model).at(-1) : models.get({ model, version: champion.to });
  }
  const version = /^\d+$/.test(which) ? Number(which) : aliased(model, which)?.to;
  return version === undefined ? undefined : models.get({ model, version });
}
