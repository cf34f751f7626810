import type { z } from 'zod';
import type { YamlPath } from './source/yaml-source.js';

type Schema = z.core.$ZodTypes;

/** The keys that the schema allows in the map at this path. For a union, the keys of all alternatives. */
export const keysAt = (schema: z.core.$ZodType, path: YamlPath): readonly string[] => [
  ...new Set(
    alternativesAt(schema, path).flatMap(({ _zod }) => (_zod.def.type === 'object' ? Object.keys(_zod.def.shape) : [])),
  ),
];

/** The schemas of which one must fit the value at this path. */
export const alternativesAt = (schema: z.core.$ZodType, path: YamlPath): readonly Schema[] =>
  path.reduce<readonly Schema[]>(
    (schemas, part) => schemas.flatMap((one) => below(one, part)).flatMap(alternatives),
    alternatives(schema as Schema),
  );

/** The schemas inside `optional`, `default`, unions and similar wrappers. */
function alternatives(schema: Schema): readonly Schema[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'union':
      return def.options.flatMap((one) => alternatives(one as Schema));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
    case 'nonoptional':
      return alternatives(def.innerType as Schema);
    case 'pipe':
      return alternatives(def.in as Schema);
    case 'lazy':
      return alternatives(def.getter() as Schema);
    default:
      return [schema];
  }
}

function below(schema: Schema, part: YamlPath[number]): readonly Schema[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object': {
      const field = def.shape[String(part)];
      return field === undefined ? [] : [field as Schema];
    }
    case 'record':
      return [def.valueType as Schema];
    case 'array':
      return [def.element as Schema];
    default:
      return [];
  }
}
