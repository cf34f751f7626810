import type { ParamValue } from '../../domain/pipeline/pipeline.js';
import { type BuildContext, buildTemplate } from './context.js';
import type { YamlPath } from './source/yaml-source.js';

export interface PathScope {
  readonly matrix: Readonly<Record<string, ParamValue>>;
  readonly context: BuildContext;
}

/** Replaces params and matrix values in a text. Reports other values. */
export function fill(text: string, path: YamlPath, scope: PathScope): string {
  const kinds = { kinds: ['param', 'matrix'] as const, matrix: Object.keys(scope.matrix) };
  return buildTemplate(text, path, kinds, scope.context)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.ref.kind === 'param') return String(scope.context.params[part.ref.name]);
      return part.ref.kind === 'matrix' ? String(scope.matrix[part.ref.name]) : '';
    })
    .join('');
}
