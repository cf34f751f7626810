import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';

/** The names of all models, or only the given one if such a model exists. */
export function modelNames(
  { registry }: Pick<Services, 'registry'>,
  name: string | undefined,
): Result<readonly ModelName[], Failure> {
  const available = registry.models.names();
  const names = available.filter((one) => name === undefined || one === name);
  if (name === undefined || names.length > 0) return ok(names);
  return err({
    code: 'not-found',
    what: 'model',
    name,
    available,
    next: '"refit run" registers versions of a pipeline with a "model"',
  });
}
