import type { UsedSchema } from '../../domain/ports/records/data-records.js';
import type { JsonObject } from '../../domain/support/json.js';

/** What data was held to, in the documents of `why`. */
export const schemaJson = ({ dataset, hash, inferredFrom }: UsedSchema): JsonObject => ({
  dataset,
  hash,
  inferred_from: inferredFrom ?? null,
});

/** Where its text can be read, and where it comes from. */
export const schemaFields = (schemas: readonly UsedSchema[]): readonly (readonly [string, string])[] =>
  schemas.map(({ dataset, hash, inferredFrom }) => [
    'schema',
    `${dataset}: ${inferredFrom === undefined ? 'written by hand' : `inferred from the data of run ${inferredFrom}`}, .refit/store/${hash.slice(0, 2)}/${hash.slice(2)}`,
  ]);
