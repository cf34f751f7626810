import { isRecord } from '../../domain/support/json.js';
import type { YamlPath } from '../../pipeline/parse/source/yaml-source.js';
import type { NotedDocument } from './document.js';
import { fill, type Values, wordsOf } from './template.js';

/** A stage as DVC runs it: one for each item of `foreach` or `matrix`. */
export interface Instance {
  /** Name in DVC, such as `train@us`. */
  readonly name: string;
  readonly path: YamlPath;
  readonly stage: Readonly<Record<string, unknown>>;
}

/** All instances of a stage, with values filled in. */
export function instancesOf(name: string, raw: unknown, values: Values, document: NotedDocument): readonly Instance[] {
  const path: YamlPath = ['stages', name];
  if (!isRecord(raw)) {
    document.note(path, { severity: 'error', code: 'wrong-type', message: `the stage "${name}" is not a map` });
    return [];
  }
  const unknown =
    (at: YamlPath) =>
    (missing: string): void =>
      document.note(at, {
        severity: 'error',
        code: 'unknown-value',
        message: `\${${missing}} is neither in vars nor in a params file`,
      });
  const own = (
    more: Values,
    stage: Readonly<Record<string, unknown>>,
    at: YamlPath,
  ): Readonly<Record<string, unknown>> => {
    const known = { ...values, ...inlineVars(stage.vars), ...more };
    return Object.fromEntries(
      Object.entries(stage).map(([key, value]) => [key, fill(value, known, unknown([...at, key]))]),
    );
  };
  if (raw.foreach !== undefined) {
    const items = fill(raw.foreach, values, unknown([...path, 'foreach']));
    const at = [...path, 'do'];
    const template = isRecord(raw.do) ? raw.do : {};
    return eachOf(items).map(({ key, item }) => ({
      name: `${name}@${key}`,
      path: at,
      stage: own({ item, key }, template, at),
    }));
  }
  if (raw.matrix !== undefined) {
    const axes = fill(raw.matrix, values, unknown([...path, 'matrix']));
    const { matrix: _, ...template } = raw;
    return combinationsOf(isRecord(axes) ? axes : {}).map(({ key, item }) => ({
      name: `${name}@${key}`,
      path,
      stage: own({ item, key }, template, path),
    }));
  }
  return [{ name, path, stage: own({}, raw, path) }];
}

export const inlineVars = (vars: unknown): Values =>
  Object.assign({}, ...(Array.isArray(vars) ? vars.filter(isRecord) : []));

interface Item {
  readonly key: string;
  readonly item: unknown;
}

/** Items with their keys: plain values name themselves, maps and lists in a list get their index, a map uses its keys. */
function eachOf(items: unknown): readonly Item[] {
  if (isRecord(items)) return Object.entries(items).map(([key, item]) => ({ key, item }));
  if (!Array.isArray(items)) return [];
  const isPlain = items.every((item) => typeof item !== 'object' || item === null);
  return items.map((item, place) => ({ key: isPlain ? wordsOf(item) : String(place), item }));
}

function combinationsOf(axes: Readonly<Record<string, unknown>>): readonly Item[] {
  return Object.entries(axes).reduce<readonly (Item & { readonly item: Values })[]>(
    (all, [axis, values]) =>
      all.flatMap(({ key, item }) =>
        (Array.isArray(values) ? values : []).map((value: unknown, place) => {
          const word = typeof value === 'object' && value !== null ? `${axis}${place}` : wordsOf(value);
          return { key: key === '' ? word : `${key}-${word}`, item: { ...item, [axis]: value } };
        }),
      ),
    [{ key: '', item: {} }],
  );
}
