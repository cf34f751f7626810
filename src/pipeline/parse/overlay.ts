import type { ParamValue } from '../../domain/pipeline/pipeline.js';
import { isRecord } from '../../domain/support/json.js';
import { suggestOne } from '../../domain/support/near-miss.js';
import type { Reporter } from './collect-diagnostics.js';
import { isBeyondNumbers } from './source/exact-integers.js';

/** Merges `over` into `base`: maps key by key, everything else is replaced. */
export function overlay(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over === undefined ? base : over;
  const own = (key: string): unknown => (Object.hasOwn(base, key) ? base[key] : undefined);
  // Made from entries: assigning to a key __proto__ would hide it.
  return {
    ...base,
    ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, overlay(own(key), value)])),
  };
}

/**
 * Converts a `--param k=v` to the type of the declared param. Text stays text where the file has text. Whole numbers
 * beyond 2^53 become text with all their digits.
 */
function coerceParam(text: string, declared: ParamValue | undefined): ParamValue | undefined {
  if (typeof declared === 'string') return text;
  if (typeof declared === 'number' && isBeyondNumbers(text.trim())) return text.trim();
  if (typeof declared === 'number') {
    const number = Number(text);
    return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
  }
  if (typeof declared === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (isBeyondNumbers(text.trim())) return text.trim();
  try {
    return JSON.parse(text) as ParamValue;
  } catch {
    return text;
  }
}

/** The params of the file, overridden by those of the command line. Reports unknown names and wrong types. */
export function applyParams(
  declared: Readonly<Record<string, ParamValue>>,
  given: Readonly<Record<string, string>>,
  report: Reporter,
): Readonly<Record<string, ParamValue>> {
  const merged: Record<string, ParamValue> = { ...declared };
  for (const [name, text] of Object.entries(given)) {
    const value = name in declared ? coerceParam(text, declared[name]) : undefined;
    if (value !== undefined) merged[name] = value;
    else
      report.at(['params'], {
        code: name in declared ? 'wrong-type' : 'unknown-param',
        message:
          name in declared
            ? `--param ${name}=${text}: "${name}" is a ${typeof declared[name]}`
            : `--param ${name}: there is no such param`,
        suggestion: suggestOne(name, Object.keys(declared), 'params'),
      });
  }
  return merged;
}
