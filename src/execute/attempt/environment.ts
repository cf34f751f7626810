import type { Failure } from '../../domain/failure.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import { err, ok, type Result } from '../../domain/support/result.js';

type Env = Readonly<Record<string, string>>;

export interface StepEnvironment {
  readonly env: Env;
  /** Values that must not appear in a log. */
  readonly masked: readonly string[];
}

/**
 * The environment of a step: `inherited`, which has no secrets, minus every name that only other steps list under `secrets`,
 * plus what the step declares, read from all variables that were `given`. A declared name that is not set is a failure.
 */
export function stepEnvironment(
  pipeline: Pipeline,
  step: Step,
  given: Env,
  inherited: Env,
): Result<StepEnvironment, Failure> {
  const own = new Set(step.secrets.map((secret) => secret.name));
  const declared = declaredEnv(step, given);
  if (!declared.ok) return declared;
  const missing = step.secrets.find((secret) => given[secret.name] === undefined);
  if (missing !== undefined) return err({ code: 'env-missing', step: step.name, name: missing.name, kind: 'secret' });
  return ok({
    env: {
      ...withoutSecrets(pipeline, inherited, own),
      ...Object.fromEntries(step.secrets.map(({ name }) => [name, given[name] ?? ''])),
      ...declared.value,
    },
    masked: step.secrets.flatMap((secret) => maskable(given[secret.name])),
  });
}

/** Shorter values are part of too many words. A warning names them. */
const SHORTEST = 4;
const maskable = (value: string | undefined): readonly string[] =>
  value === undefined || value.length < SHORTEST ? [] : [value];

const NONE: ReadonlySet<string> = new Set();

/** The inherited environment, minus every name that any step lists under `secrets`, except the step's own. */
export function withoutSecrets(pipeline: Pick<Pipeline, 'steps'>, inherited: Env, own = NONE): Env {
  const foreign = secretsOf(pipeline.steps);
  if (foreign.size === 0) return inherited;
  return Object.fromEntries(Object.entries(inherited).filter(([name]) => own.has(name) || !foreign.has(name)));
}

const secretsByPipeline = new WeakMap<Pipeline['steps'], ReadonlySet<string>>();

/** Computed once, because every step needs it. */
function secretsOf(steps: Pipeline['steps']): ReadonlySet<string> {
  const known = secretsByPipeline.get(steps);
  if (known !== undefined) return known;
  const names = new Set(steps.flatMap((step) => step.secrets.map((secret) => secret.name)));
  secretsByPipeline.set(steps, names);
  return names;
}

/** Only the declared part, which counts in the fingerprint. */
export function declaredEnv(step: Step, inherited: Env): Result<Env, Failure> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(step.env)) {
    const given = value.kind === 'literal' ? value.value : inherited[value.name];
    if (given === undefined)
      return err({
        code: 'env-missing',
        step: step.name,
        name: value.kind === 'from' ? value.name : name,
        kind: 'env',
      });
    values[name] = given;
  }
  return ok(values);
}
