import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Files } from '../domain/ports/platform.js';
import { isGlob } from '../domain/support/glob.js';
import { linesOf } from './parse/source/bundle.js';

/** Datasets whose folder or file is a link out of the workspace that `roots` does not allow: no check could read them. */
export function datasetsOutside(
  { files }: { readonly files: Pick<Files, 'outside'> },
  { datasets, text }: Pick<Pipeline, 'datasets' | 'text'>,
): readonly Diagnostic[] {
  const lineOf = linesOf(text);
  return datasets.flatMap(({ name, source, at }): readonly Diagnostic[] => {
    const patterns = source.kind === 'paths' ? source.patterns : [];
    for (const pattern of patterns) {
      const names = pattern.split('/');
      const first = names.findIndex(isGlob);
      const place = first < 0 ? pattern : names.slice(0, first).join('/') || '.';
      const outside = files.outside(place);
      if (outside === undefined) continue;
      return [
        {
          severity: 'warning',
          code: 'data-outside-workspace',
          message: `dataset "${name}" leads to ${outside}, outside the workspace, which no check may read`,
          suggestion: `if you trust it, allow it in refit.yaml: roots: [${first < 0 ? outside.slice(0, outside.lastIndexOf('/')) : outside}]`,
          at: at,
          sourceLine: lineOf(at),
        },
      ];
    }
    return [];
  });
}
