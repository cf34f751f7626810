import type { WorkspacePath } from '../domain/ids.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { readValues } from './input-values.js';
import { linesOf } from './parse/source/bundle.js';

/** Values that steps name of YAML or JSON files (`keys` of an input) and that are not there. Files that steps make are left out. */
export async function missingValues(
  services: Pick<Services, 'files'>,
  { steps, text }: Pick<Pipeline, 'steps' | 'text'>,
): Promise<readonly Diagnostic[]> {
  const made = new Set(steps.flatMap((step) => step.outputs.map((output) => output.path)));
  const lineOf = linesOf(text);
  const found: Diagnostic[] = [];
  for (const { name, inputs = [], at } of steps)
    for (const input of inputs) {
      if (input.kind !== 'path' || input.keys === undefined || made.has(input.path)) continue;
      const fault = await faultOf(services, name, input.path, input.keys);
      if (fault === undefined) continue;
      found.push({ severity: 'error', ...fault, at: at, sourceLine: lineOf(at) });
    }
  return found;
}

async function faultOf(services: Pick<Services, 'files'>, step: string, path: WorkspacePath, keys: readonly string[]) {
  const read = await readValues(services, step, path, keys);
  if (read.ok) return undefined;
  const { error } = read;
  if (error.code === 'input-missing')
    return {
      code: 'missing-value',
      message: `${path} has no value "${error.value ?? ''}", which step "${step}" reads`,
      suggestion: 'add it to the file, or fix "keys"',
    };
  const reason = 'reason' in error ? `: ${error.reason}` : '';
  return {
    code: 'missing-value',
    message: `${path}, of which step "${step}" reads values, cannot be read${reason}`,
    suggestion: 'fix the file',
  };
}
