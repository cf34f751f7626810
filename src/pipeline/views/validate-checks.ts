import type { Check } from '../../domain/check.js';
import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';

/** One check for each file, and one for each mistake in it. */
export const validateChecks = (
  files: readonly { readonly file: string; readonly diagnostics: readonly Diagnostic[] }[],
): readonly Check[] =>
  files.flatMap(({ file, diagnostics }): readonly Check[] => {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return [{ group: file, name: 'valid', outcome: 'pass', detail: 'no mistakes' }];
    return errors.map(({ code, message, suggestion, at }) => ({
      group: file,
      name: `${code} in line ${at.line}`,
      outcome: 'fail',
      detail: suggestion === undefined ? message : `${message}; ${suggestion}`,
      at,
      isTold: true,
    }));
  });
