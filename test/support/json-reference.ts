import { readFileSync } from 'node:fs';
import { anchorOf } from './pages.js';
import type { Document } from './rig.js';

/** A documented field, and the fields documented below it. */
interface Field {
  isDocumented: boolean;
  isOptional: boolean;
  /** Anchor of the section that describes its value. */
  section?: string;
  readonly below: Map<string, Field>;
}

const newField = (): Field => ({ isDocumented: false, isOptional: false, below: new Map() });

/** docs/reference/json.md by anchor: the lines of each section. */
function readSections(): ReadonlyMap<string, string> {
  const text = readFileSync('docs/reference/json.md', 'utf8');
  return new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((part) => {
        const [heading = '', ...lines] = part.split('\n');
        return [anchorOf(heading), lines.join('\n').split(/^## /m)[0] ?? ''];
      }),
  );
}

const SECTIONS = readSections();
/** `a [run](#run)`, `each a [finding](#finding)`, `the [condition](#condition)`; not `as in [status](#status)`. */
const VALUE_OF = /(?:^|\b(?:a|the|declared|document of)) \[[^\]]+\]\(#([\w-]+)\)/;
/** A sentence before the table: `The fields of a [drift check](#drift-check)`, `As [promote](#promote)`. */
const SAME_AS = /^(?:The fields of an? |As )\[[^\]]+\]\(#([\w-]+)\)/m;

function addFields(root: Field, anchor: string): void {
  const lines = SECTIONS.get(anchor);
  if (lines === undefined) throw new Error(`json.md has no section "${anchor}"`);
  const base = SAME_AS.exec(lines)?.[1];
  if (base !== undefined) addFields(root, base);
  for (const [, names = '', meaning = ''] of lines.matchAll(/^\| (`.*?) \| (.*) \|$/gm))
    for (const [, path = ''] of names.matchAll(/`([^`]+)`/g)) addField(root, path, meaning);
}

function addField(root: Field, path: string, meaning: string): void {
  let at = root;
  for (const part of path.replaceAll('[]', '').split('.')) {
    const next = at.below.get(part) ?? newField();
    at.below.set(part, next);
    at = next;
  }
  at.isDocumented = true;
  at.isOptional = meaning.startsWith('*optional*');
  const section = VALUE_OF.exec(` ${meaning}`)?.[1];
  if (section !== undefined) at.section = section;
}

/** How a document differs from the section that describes it: fields that only one of the two has. */
export function differencesFromReference(document: Document, heading: string): readonly string[] {
  const root = newField();
  addFields(root, anchorOf(heading));
  const { schema_version, command, ...fields } = document;
  return compare(fields, root, '');
}

function compare(value: Document, field: Field, path: string): readonly string[] {
  const known = new Map(field.below);
  if (field.section !== undefined) {
    const described = newField();
    addFields(described, field.section);
    for (const [name, one] of described.below) if (!known.has(name)) known.set(name, one);
  }
  if (known.size === 0 || value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => compare(one, field, `${path}[]`)))];
  const place = (name: string): string => (path === '' ? name : `${path}.${name}`);
  return [
    ...Object.keys(value)
      .filter((name) => !known.has(name))
      .map((name) => `${place(name)} is not documented`),
    ...[...known].flatMap(([name, one]) => {
      if (name in value) return compare(value[name], one, place(name));
      return one.isOptional || !one.isDocumented ? [] : [`${place(name)} is documented, but not there`];
    }),
  ];
}
