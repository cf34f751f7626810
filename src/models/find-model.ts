import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from './champion.js';

/** Checks that the registry knows a model of this name. */
export function findModel({ registry }: Pick<Services, 'registry'>, name: string): Result<ModelName, Failure> {
  const available = registry.models.names();
  const found = available.find((one) => one === name);
  if (found !== undefined) return ok(found);
  return err({
    code: 'not-found',
    what: 'model',
    name,
    available,
    next: '"refit run" registers versions of a pipeline with a "model"',
  });
}

/** The only model that serves in the workspace, for a command without a model argument. */
export function onlyServedModel({ registry }: Pick<Services, 'registry'>, command: string): Result<ModelName, Failure> {
  const { models } = registry;
  const served = models.names().filter((name) => models.alias(name, CHAMPION) !== undefined);
  const [only] = served;
  if (only !== undefined && served.length === 1) return ok(only);
  return err({
    code: 'usage',
    problem:
      served.length === 0
        ? `${command}: no model of this workspace serves`
        : `${command}: ${served.length} models serve: ${served.join(', ')}`,
    next: served.length === 0 ? 'see "refit models"' : `name one: refit ${command} ${only} …`,
  });
}
