import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import { nearMiss } from './near-miss.js';
import type { ParsedPipeline } from './parse-pipeline.js';

/** Diagnostics for expected files without a match. `present`: the patterns that match at least one file or folder. */
export function checkFiles(
  { expected, outputs }: Pick<ParsedPipeline, 'expected' | 'outputs'>,
  present: ReadonlySet<string>,
  text: string,
): readonly Diagnostic[] {
  const absent = expected.filter((one) => !present.has(one.pattern));
  if (absent.length === 0) return [];
  const lines = text.split('\n');
  return absent.map(({ pattern, missing }) => {
    const near = missing.severity === 'error' ? nearMiss(pattern, outputs) : undefined;
    return {
      ...missing,
      sourceLine: lines[missing.at.line - 1] ?? '',
      ...(near === undefined ? {} : { suggestion: `did you mean "${near}"?` }),
    };
  });
}
