import { parseDocument } from 'yaml';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { bindAliases } from './bind-aliases.js';
import { readSource } from './yaml-source.js';

/** The content of a YAML or JSON file, or its first fault. Large whole numbers keep all digits: they are bigints. */
export function readExactly(file: string, text: string): Result<unknown, string> {
  const [fault] = readSource(file, text).diagnostics;
  if (fault !== undefined) return err(`line ${fault.at.line}: ${fault.message}`);
  const document = parseDocument(text, { intAsBigInt: true, merge: true, uniqueKeys: false, logLevel: 'error' });
  bindAliases(document);
  return ok(document.toJS({ maxAliasCount: -1 }));
}

/** The value at `a.b[0].c` as JSON, or undefined. A key of the file may itself contain dots. */
export function jsonAt(content: unknown, name: string): string | undefined {
  const value = valueAt(content, name);
  return value === undefined ? undefined : JSON.stringify(value, (_, one: unknown) => plainNumber(one));
}

/** JSON has neither large whole numbers nor infinity: they are written as text. Sets and maps of YAML 1.1 become lists. */
function plainNumber(value: unknown): unknown {
  if (value instanceof Set || value instanceof Map) return [...value];
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

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
