import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT } from './pages.js';

/** The reference of the pipeline file, from the schema that checks it: one table for each key of the file. */
export function pipelineFileSection() {
  const schema = JSON.parse(
    execFileSync(process.execPath, [join(PROJECT, 'bin/refit.js'), 'schema'], { encoding: 'utf8' }),
  );
  const walk = walker(schema.$defs ?? {});
  const top = Object.entries(schema.properties);
  const isFlat = ([, property]) => walk.below(property, '').length === 0;
  const rows = top.filter(isFlat).map(([key, property]) => walk.row(key, property, schema.required));
  return [
    'A star marks a required key.',
    '## Top level',
    table(rows),
    ...top
      .filter((one) => !isFlat(one))
      .flatMap(([key, property]) => [
        `## ${key}`,
        `${capital(cell(property.description))}. Value: ${walk.typeOf(property)}.${schema.required.includes(key) ? ' Required.' : ''}`,
        table(walk.below(property, key)),
      ]),
  ].join('\n\n');
}

/** What is below such a key has no effect either. */
const WITHOUT_EFFECT = /^(read, without effect|refused) in this version$/;

const table = (rows) => ['| key | value | meaning |', '|---|---|---|', ...rows].join('\n');
const capital = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function walker(definitions) {
  const resolved = (schema) =>
    schema.$ref === undefined ? schema : { ...definitions[schema.$ref.split('/').pop()], $ref: schema.$ref };
  const variants = (schema) => schema.anyOf ?? [schema];

  const row = (path, property, required = []) => {
    const key = path.slice(path.lastIndexOf('.') + 1);
    const about = property.description ?? resolved(property).description ?? '';
    return `| \`${path}\`${required.includes(key) ? ' *' : ''} | ${typeOf(property)} | ${cell(about)} |`;
  };

  /** Rows of all keys below a value. Where a value may be a list of maps, or a map by name, its path says so. */
  const below = (schema, path, seen = []) =>
    variants(schema).flatMap((one) => {
      if (one.$ref !== undefined && seen.includes(one.$ref)) return [];
      const inner = resolved(one);
      const known = one.$ref === undefined ? seen : [...seen, one.$ref];
      if (inner.anyOf !== undefined) return below(inner, path, known);
      if (inner.items !== undefined) return below(inner.items, `${path}[]`, known);
      if (typeof inner.additionalProperties === 'object')
        return below(inner.additionalProperties, `${path}.<name>`, known);
      return Object.entries(inner.properties ?? {}).flatMap(([key, property]) => [
        row(`${path}.${key}`, property, inner.required),
        ...(WITHOUT_EFFECT.test(property.description ?? '') ? [] : below(property, `${path}.${key}`, known)),
      ]);
    });

  const typeOf = (schema) => {
    const inner = resolved(schema);
    if (inner.title !== undefined) return inner.title;
    if (inner.anyOf !== undefined) return [...new Set(inner.anyOf.map(typeOf))].join(' or ');
    if (inner.enum !== undefined) return inner.enum.map((value) => `\`${value}\``).join(', ');
    if (inner.const !== undefined) return `\`${inner.const}\``;
    if (inner.items !== undefined) return `list of ${list(typeOf(inner.items))}`;
    return NAMES[inner.type] ?? 'any value';
  };

  return { row, below, typeOf };
}

const list = (type) => (type.includes(' or ') ? `(${type})` : type);

const NAMES = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  null: 'null',
  object: 'map',
};

const cell = (text) =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\$\{\{[^}]*\}\}/g, (value) => `\`${value}\``)
    .replaceAll('<', '&lt;');
