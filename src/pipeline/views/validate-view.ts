import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { View } from '../../domain/view.js';
import { asFields, dim, line, plural, toned } from '../../render/parts/parts.js';

/** A longer line is not shown whole for each of its faults. */
const LONGEST_LINE = 10_000;

/** The document of `validate`. */
export function validateView(
  files: readonly { readonly file: string; readonly steps: number; readonly diagnostics: readonly Diagnostic[] }[],
): View {
  return {
    json: {
      valid: files.every((one) => one.diagnostics.every((diagnostic) => diagnostic.severity !== 'error')),
      files: files.map(({ file, steps, diagnostics }) => ({
        file,
        steps,
        diagnostics: diagnostics.map((one) => asFields({ ...one, sourceLine: one.sourceLine.slice(0, LONGEST_LINE) })),
      })),
    },
    parts:
      files.length === 0
        ? [line('no pipelines here; "refit init" makes one')]
        : files
            .filter((one) => one.diagnostics.every((diagnostic) => diagnostic.severity !== 'error'))
            .map((one) => line(toned('valid ', 'good'), one.file, dim(` (${plural(one.steps, 'step')})`))),
  };
}
