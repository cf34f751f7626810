import type { Failure } from '../domain/failure.js';
import type { Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';

type Dependencies = Pick<Services, 'environments'>;

/** The packages of a step's environment by name; `undefined` if it names none. */
export function packagesOf(
  { environments }: Dependencies,
  { name, environment }: Pick<Step, 'name' | 'environment'>,
): Result<Readonly<Record<string, string>> | undefined, Failure> {
  if (environment === undefined) return ok(undefined);
  const found = environments.find(environment);
  if (found.ok) return ok(found.value.packages);
  const { kind, name: declared } = environment;
  return err({ code: 'environment-missing', step: name, kind, name: declared, ...found.error });
}

/** The first step whose environment is missing. */
export function missingEnvironment(services: Dependencies, steps: readonly Step[]): Failure | undefined {
  for (const step of steps) {
    const packages = packagesOf(services, step);
    if (!packages.ok) return packages.error;
  }
  return undefined;
}
