import type { Template, TemplatePart, ValueRef } from '../../domain/pipeline/pipeline.js';

/** The kinds of values in `${{ … }}`. */
export type ValueKind = ValueRef['kind'];

export type TemplateFault = { readonly expression: string; readonly offset: number };

const VALUE = /\$\{\{([^}]*)\}\}/g;

/** Splits text into literal parts and values. Unknown expressions are returned as faults. */
export function parseTemplate(text: string): {
  readonly template: Template;
  readonly faults: readonly TemplateFault[];
} {
  const template: TemplatePart[] = [];
  const faults: TemplateFault[] = [];
  let from = 0;
  for (const match of text.matchAll(VALUE)) {
    if (match.index > from) template.push({ kind: 'text', text: text.slice(from, match.index) });
    const ref = parseValue((match[1] ?? '').trim());
    if (ref === undefined) faults.push({ expression: (match[1] ?? '').trim(), offset: match.index });
    else template.push({ kind: 'value', ref });
    from = match.index + match[0].length;
  }
  if (from < text.length) template.push({ kind: 'text', text: text.slice(from) });
  return { template, faults };
}

const FIXED: Readonly<Record<string, ValueRef>> = {
  now: { kind: 'now' },
  'trigger.since': { kind: 'trigger-since' },
  'run.id': { kind: 'run-id' },
  'champion.path': { kind: 'champion-path' },
  'model.path': { kind: 'model-path' },
  'evaluation.path': { kind: 'evaluation-path' },
  'publish.path': { kind: 'publish-path' },
  'window.from': { kind: 'window-from' },
  'window.until': { kind: 'window-until' },
  'snapshot.path': { kind: 'snapshot-path' },
};

function parseValue(expression: string): ValueRef | undefined {
  const fixed = FIXED[expression];
  if (fixed !== undefined) return fixed;
  const [, version] = /^versions\[(\d+)\]\.path$/.exec(expression) ?? [];
  if (version !== undefined) return { kind: 'version-path', version: Number(version) };
  const [isNew, dataset] = /^window\.new(?:\.([\w.-]+))?$/.exec(expression) ?? [];
  if (isNew !== undefined)
    return dataset === undefined ? { kind: 'window-new' } : { kind: 'window-new', name: dataset };
  const [, root = '', key, index] =
    /^(params|inputs|outputs|datasets|matrix)(?:\.([\w.-]+)|\[(\d+)\])$/.exec(expression) ?? [];
  const at = index === undefined ? undefined : Number(index);
  if (root === 'inputs' && at !== undefined) return { kind: 'input', index: at };
  if (root === 'outputs')
    return at === undefined ? (key === undefined ? undefined : { kind: 'output', key }) : { kind: 'output', key: at };
  if (key === undefined) return undefined;
  if (root === 'params') return { kind: 'param', name: key };
  if (root === 'datasets') return { kind: 'dataset', name: key };
  return root === 'matrix' ? { kind: 'matrix', name: key } : undefined;
}

/** A value as users write it: `params.trees`. */
export function spell(ref: ValueRef): string {
  if (ref.kind === 'param') return `params.${ref.name}`;
  if (ref.kind === 'dataset') return `datasets.${ref.name}`;
  if (ref.kind === 'matrix') return `matrix.${ref.name}`;
  if (ref.kind === 'input') return `inputs[${ref.index}]`;
  if (ref.kind === 'window-new') return ref.name === undefined ? 'window.new' : `window.new.${ref.name}`;
  if (ref.kind === 'version-path') return `versions[${ref.version}].path`;
  if (ref.kind === 'output') return typeof ref.key === 'number' ? `outputs[${ref.key}]` : `outputs.${ref.key}`;
  return ref.kind === 'now' ? 'now' : ref.kind.replace('-', '.');
}

export const valuesOf = (template: Template): readonly ValueRef[] =>
  template.flatMap((part) => (part.kind === 'value' ? [part.ref] : []));
