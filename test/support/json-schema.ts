import type { Document } from './rig.js';

/** Documents of schemas by their `$id`. */
export type Schemas = Readonly<Record<string, Document>>;

const ANNOTATIONS = [
  '$schema',
  'title',
  '$id',
  '$defs',
  'description',
  'example',
  'examples',
  'documentation',
  'default',
];
const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  uri: /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};

const typeOf = (value: Document): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

/**
 * Faults of a value under a schema of JSON Schema 2020-12, each with its place. A keyword that is not known here throws:
 * nothing is valid for not having been looked at.
 */
export function faultsOf(value: Document, reference: string, schemas: Schemas): readonly string[] {
  const [id = '', pointer = ''] = reference.split('#');
  const found = pointer
    .split('/')
    .filter((part) => part !== '')
    .reduce((at: Document, part) => at?.[part], schemas[id]);
  if (found === undefined) throw new Error(`no schema ${reference}`);
  return check(value, found, { id, schemas, at: '' });
}

interface Place {
  readonly id: string;
  readonly schemas: Schemas;
  readonly at: string;
}

function check(value: Document, schema: Document, place: Place): readonly string[] {
  if (typeof schema === 'boolean') return schema ? [] : [`${place.at}: nothing may be here`];
  return Object.entries(schema).flatMap(([keyword, wanted]) => byKeyword(keyword, value, wanted, schema, place));
}

function byKeyword(
  keyword: string,
  value: Document,
  wanted: Document,
  schema: Document,
  place: Place,
): readonly string[] {
  const { id, schemas, at } = place;
  const fault = (isFaulty: boolean, words: string): readonly string[] => (isFaulty ? [`${at}: ${words}`] : []);
  const valid = (one: Document): boolean => check(value, one, place).length === 0;
  const type = typeOf(value);
  if (ANNOTATIONS.includes(keyword)) return [];
  switch (keyword) {
    case '$ref':
      return faultsOf(value, wanted.startsWith('#') ? `${id}${wanted}` : wanted, schemas).map((one) => `${at}${one}`);
    case 'type': {
      const types: readonly string[] = [wanted].flat();
      return fault(!types.includes(type) && !(type === 'integer' && types.includes('number')), `${type}, not ${types}`);
    }
    case 'required':
      return type === 'object' ? wanted.flatMap((key: string) => fault(!(key in value), `no ${key}`)) : [];
    case 'properties':
      return type !== 'object'
        ? []
        : Object.keys(wanted).flatMap((key) =>
            key in value ? check(value[key], wanted[key], { ...place, at: `${at}/${key}` }) : [],
          );
    case 'additionalProperties':
      return type !== 'object'
        ? []
        : Object.keys(value)
            .filter((key) => !(key in (schema.properties ?? {})))
            .flatMap((key) => check(value[key], wanted, { ...place, at: `${at}/${key}` }));
    case 'propertyNames':
      return type === 'object'
        ? Object.keys(value).flatMap((key) => check(key, wanted, { ...place, at: `${at}/${key}` }))
        : [];
    case 'items':
      return type === 'array'
        ? value.flatMap((one: Document, index: number) => check(one, wanted, { ...place, at: `${at}/${index}` }))
        : [];
    case 'allOf':
      return wanted.flatMap((one: Document) => check(value, one, place));
    case 'anyOf':
      return fault(!wanted.some(valid), 'none of the choices');
    case 'oneOf':
      return fault(wanted.filter(valid).length !== 1, 'not exactly one of the choices');
    case 'not':
      return fault(valid(wanted), 'what may not be');
    case 'enum':
      return fault(!wanted.includes(value), `${value} is not one of ${wanted}`);
    case 'const':
      return fault(value !== wanted, `${value} is not ${wanted}`);
    case 'minItems':
      return fault(type === 'array' && value.length < wanted, `fewer than ${wanted}`);
    case 'minLength':
      return fault(type === 'string' && value.length < wanted, `shorter than ${wanted}`);
    case 'maxLength':
      return fault(type === 'string' && value.length > wanted, `longer than ${wanted}`);
    case 'maximum':
      return fault(typeof value === 'number' && value > wanted, `${value} is above ${wanted}`);
    case 'exclusiveMinimum':
      return fault(typeof value === 'number' && value <= wanted, `${value} is not above ${wanted}`);
    case 'exclusiveMaximum':
      return fault(typeof value === 'number' && value >= wanted, `${value} is not below ${wanted}`);
    case 'minimum':
      return fault(typeof value === 'number' && value < wanted, `${value} is below ${wanted}`);
    case 'pattern':
      return fault(typeof value === 'string' && !new RegExp(wanted).test(value), `${value} is not ${wanted}`);
    case 'format': {
      const form = FORMATS[wanted];
      if (form === undefined) throw new Error(`unknown format ${wanted}`);
      return fault(typeof value === 'string' && !form.test(value), `${value} is no ${wanted}`);
    }
    default:
      throw new Error(`unknown keyword ${keyword}`);
  }
}
