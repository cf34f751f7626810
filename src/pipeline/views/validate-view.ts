import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { View } from '../../domain/view.js';
import { asFields, dim, line, plural, toned } from '../../render/parts/parts.js';

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
        diagnostics: diagnostics.map((one) => asFields(one)),
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
