import { err, ok, type Result } from '../../domain/support/result.js';
import { parseLooseJson } from './metrics.js';

export interface RawEvaluation {
  readonly metrics: Readonly<Record<string, number>>;
  readonly unusable: Readonly<Record<string, string>>;
  readonly slices: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly predictions?: string;
}

/**
 * What `evaluate` wrote: numbers by metric, `slices`, `predictions`. Values that are not finite numbers are listed by
 * name.
 */
export function readEvaluation(text: string): Result<RawEvaluation, string> {
  let value: unknown;
  try {
    value = parseLooseJson(text);
  } catch (error) {
    return err(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(value)) return err('it must be an object of metrics');
  const { slices, predictions, ...rest } = value;
  const metrics: Record<string, number> = {};
  const unusable: Record<string, string> = {};
  for (const [name, one] of Object.entries(rest)) {
    if (typeof one === 'number' && Number.isFinite(one)) metrics[name] = one;
    else if (typeof one === 'number' || one === null) unusable[name] = String(one);
  }
  return ok({
    metrics,
    unusable,
    slices: readSlices(slices),
    ...(typeof predictions === 'string' ? { predictions } : {}),
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readSlices(value: unknown): RawEvaluation['slices'] {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, groups]) => [
      name,
      Object.fromEntries(
        Object.entries(isRecord(groups) ? groups : {}).map(([group, metrics]) => [group, numbersOf(metrics)]),
      ),
    ]),
  );
}

const numbersOf = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([name, one]): readonly (readonly [string, number])[] =>
      typeof one === 'number' && Number.isFinite(one) ? [[name, one]] : [],
    ),
  );
