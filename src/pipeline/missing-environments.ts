import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { EnvironmentRef, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { linesOf } from './parse/source/bundle.js';

/** An error for each environment of a pipeline that this machine does not have, with what creates it. */
export function missingEnvironments(
  { environments }: Pick<Services, 'environments'>,
  { steps, environment, text }: Pick<Pipeline, 'steps' | 'environment' | 'text'>,
): readonly Diagnostic[] {
  const lineOf = linesOf(text);
  const named = [environment, ...steps.map((step) => step.environment)];
  const places = new Map(named.flatMap((one) => (one === undefined ? [] : [[keyOf(one), one] as const])));
  return [...places.values()].flatMap((one): readonly Diagnostic[] => {
    const found = environments.find(one);
    if (found.ok) return [];
    return [
      {
        severity: 'error',
        code: 'missing-environment',
        message: found.error.reason,
        suggestion: found.error.next,
        at: one.at,
        sourceLine: lineOf(one.at),
      },
    ];
  });
}

/** The instances of a matrix share one place in the file. */
const keyOf = ({ at }: EnvironmentRef): string => `${at.file}:${at.line}:${at.col}`;
