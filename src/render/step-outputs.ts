import type { Json, JsonObject } from '../domain/support/json.js';
import { printable } from './parts/printable.js';

/**
 * What of a document another step of a CI job can use: the values at its top level, the id or verdict of each object that has one,
 * and lists of plain values as JSON. One line each.
 */
export const stepOutputs = (document: JsonObject): readonly (readonly [name: string, value: string])[] =>
  Object.entries(document).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const text = textOf(value ?? null);
    return text === undefined ? [] : [[name, printable(text.replaceAll(/\s*[\r\n]+\s*/g, ' '))]];
  });

function textOf(value: Json): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return value.every((one) => typeof one !== 'object') ? JSON.stringify(value) : undefined;
  const { id, verdict } = value as JsonObject;
  const one = id ?? verdict ?? null;
  return one === null || typeof one === 'object' ? undefined : String(one);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** GitLab takes 20 variables and 5 KB in every edition. */
const MOST_VARIABLES = 20;
const MOST_BYTES = 5000;

/**
 * The same for GitLab's `artifacts:reports:dotenv`: `REFIT_DECISION=retrain`. A dollar would name a variable of the job, so it is
 * replaced. `leftOut`: the variables that GitLab would refuse, for their number or their length.
 */
export function dotenvText(document: JsonObject): { readonly text: string; readonly leftOut: readonly string[] } {
  const lines: string[] = [];
  const leftOut: string[] = [];
  let bytes = 0;
  for (const [name, value] of stepOutputs(document)) {
    const variable = `REFIT_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
    const line = `${variable}=${value.replaceAll('$', '_').trim()}\n`;
    const length = Buffer.byteLength(line);
    if (lines.length === MOST_VARIABLES || bytes + length > MOST_BYTES) leftOut.push(variable);
    else {
      lines.push(line);
      bytes += length;
    }
  }
  return { text: lines.join(''), leftOut };
}
