import { parse } from 'yaml';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { readSource } from '../pipeline/parse/yaml-source.js';

/**
 * The named values of a YAML or JSON file, as JSON by dotted name. A name that the file lacks is a missing input. A file that
 * does not exist has no values: it is found missing when it is hashed.
 */
export async function readValues(
  { files }: Pick<Services, 'files'>,
  reader: string,
  path: WorkspacePath,
  keys: readonly string[],
): Promise<Result<Readonly<Record<string, string>>, Failure>> {
  if ((await files.stat(path)) === undefined) return ok({});
  const text = await files.readText(path);
  if (!text.ok) return text;
  const [fault] = readSource(path, text.value).diagnostics;
  if (fault !== undefined)
    return err({ code: 'data-unreadable', source: path, reason: `line ${fault.at.line}: ${fault.message}` });
  // Whole numbers keep all digits, so that every change of one is noticed.
  const content: unknown = parse(text.value, { intAsBigInt: true, logLevel: 'error' });
  const values: Record<string, string> = {};
  for (const key of keys) {
    const value = valueAt(content, key);
    if (value === undefined) return err({ code: 'input-missing', step: reader, path: `${path}#${key}` });
    values[key] = JSON.stringify(value, (_, one: unknown) => plainNumber(one));
  }
  return ok(values);
}

/** JSON has neither large whole numbers nor infinity: they are written as text. */
function plainNumber(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** The value at `a.b[0].c`, or undefined. A key of the file may itself contain dots. */
function valueAt(content: unknown, name: string): unknown {
  if (name === '') return content;
  if (typeof content !== 'object' || content === null) return undefined;
  const parts = name.replaceAll(/\[([^\]]+)\]/g, '.$1').split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const key = parts.slice(0, length).join('.');
    if (!Object.hasOwn(content, key)) continue;
    const found = valueAt((content as Readonly<Record<string, unknown>>)[key], parts.slice(length).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}
