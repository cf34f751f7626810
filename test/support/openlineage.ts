import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { faultsOf, type Schemas } from './json-schema.js';
import type { Document } from './rig.js';

const DATA = process.env.REFIT_TEST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');
const FOLDER = resolve(DATA, '../openlineage');
const OWN = resolve(import.meta.dirname, '../../src/interop/openlineage/schemas');

/** The standard's own schemas are not part of this project: without them its events cannot be checked. */
export const hasOpenLineage = existsSync(resolve(FOLDER, 'OpenLineage.json'));

/** The core, every facet of the standard, and refit's own, by their `$id`. */
export function loadSchemas(): Schemas {
  const facets = [resolve(FOLDER, 'facets'), OWN].flatMap((folder) =>
    readdirSync(folder).map((name) => resolve(folder, name)),
  );
  const documents = [resolve(FOLDER, 'OpenLineage.json'), ...facets].map((path) =>
    JSON.parse(readFileSync(path, 'utf8')),
  );
  return Object.fromEntries(documents.map((document) => [document.$id, document]));
}

/** Faults of an event: the core's, which looks into no facet, and those of every facet body under its own schema. */
export function faultsOfEvent(event: Document, schemas: Schemas): readonly string[] {
  const core = 'https://openlineage.io/spec/2-0-2/OpenLineage.json';
  const bodies = facetsOf(event);
  return [
    ...faultsOf(event, core, schemas),
    ...faultsOf(event, event.schemaURL, schemas),
    ...bodies.flatMap(([key, body]) => [
      // the key belongs to the schema too: a right body under a wrong key is found by nobody
      ...(schemas[body._schemaURL.split('#')[0]]?.properties[key]?.$ref === `#${body._schemaURL.split('#')[1]}`
        ? []
        : [`${key}: not the key of ${body._schemaURL}`]),
      ...faultsOf(body, body._schemaURL, schemas).map((fault) => `${key}${fault}`),
    ]),
  ];
}

/** Every facet of an event, wherever it is. */
export const facetsOf = (event: Document): readonly (readonly [string, Document])[] =>
  [
    event.run?.facets,
    event.job?.facets,
    ...[...(event.inputs ?? []), ...(event.outputs ?? [])].flatMap((one) => [
      one.facets,
      one.inputFacets,
      one.outputFacets,
    ]),
  ].flatMap((facets) => Object.entries<Document>(facets ?? {}));
