import { z } from 'zod';
import type { JsonObject } from '../../domain/support/json.js';

/**
 * What of an MLflow server's answers is used. Everything else in them is left out. A server may send anything, so each answer is
 * checked here before anything of it is used.
 */

/** Servers and what imitates them send ids and versions as texts or numbers. */
const id = z.union([z.string().min(1).max(1000), z.number()]).transform(String);
/** protobuf leaves out empty lists, and some servers write null. */
const list = <T extends z.ZodType>(form: T) => z.array(form).nullish();
const text = z.string().nullish();

export const EXPERIMENT = z.object({ experiment: z.object({ experiment_id: id, lifecycle_stage: text }) });
export const NEW_EXPERIMENT = z.object({ experiment_id: id });
export const FOUND_RUNS = z.object({ runs: list(z.object({ info: z.object({ run_id: id, status: text }) })) });
export const NEW_RUN = z.object({ run: z.object({ info: z.object({ run_id: id }) }) });
export const FOUND_VERSIONS = z.object({
  model_versions: list(z.object({ name: z.string(), version: id, tags: list(z.object({ key: text, value: text })) })),
});
export const NEW_VERSION = z.object({ model_version: z.object({ version: id }) });

/** The server refused a request, did not answer, or answered something else. Ends logging and is caught at its entry point. */
export class Refused extends Error {}

/** Checks an answer. Throws `Refused` with the field that is missing or wrong. */
export function checkAnswer<T>(form: z.ZodType<T>, body: JsonObject): T {
  const checked = form.safeParse(body);
  if (checked.success) return checked.data;
  const field = checked.error.issues[0]?.path.map(String).join('.');
  throw new Refused(`its answer has no ${field}, or not as it should be: is it an MLflow server?`);
}
