import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';

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
  const leadsTo = files.outside(path);
  if (leadsTo !== undefined) return err({ code: 'data-outside-workspace', source: path, path: leadsTo });
  const text = await files.readText(path);
  if (!text.ok) return text;
  const { jsonAt, readExactly } = await import('./parse/source/named-values.js');
  const content = readExactly(path, text.value);
  if (!content.ok) return err({ code: 'values-unreadable', step: reader, path, reason: content.error });
  const values: (readonly [string, string])[] = [];
  for (const key of keys) {
    const value = jsonAt(content.value, key);
    if (value === undefined) return err({ code: 'input-missing', step: reader, path, value: key });
    values.push([key, value]);
  }
  return ok(Object.fromEntries(values));
}
