import { z } from 'zod';

/**
 * The rows of an MLflow database. SQLite keeps any value in any column, so each row is checked before anything of it is used.
 * Texts are those of the users of that server and may hold anything; ids become part of paths, and versions numbers.
 */

const text = z.string().max(1_000_000);
const nullable = <T extends z.ZodType>(form: T) => form.nullish().transform((value) => value ?? null);
const id = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'not an id: letters, digits, "-", "_" and "." only');
/** Milliseconds since 1970, up to the year 9999: later years have no ISO form of four digits. */
const time = z.int().min(0).max(253_402_300_799_999);
const version = z.int().min(1).max(1_000_000_000);
const workspace = text;

/** What rows of a kind must be, and how they are called in a message. */
export interface RowForm<T> {
  readonly of: string;
  readonly form: z.ZodType<T>;
}

const rows = <T>(of: string, form: z.ZodType<T>): RowForm<T> => ({ of, form });

export const EXPERIMENT_ROW = rows('experiments', z.object({ experiment: nullable(text) }));
export const COUNT_ROW = rows('runs', z.object({ n: z.int() }));

const run = z.object({
  run_uuid: id,
  name: nullable(text),
  user_id: nullable(text),
  status: text,
  start_time: nullable(time),
  end_time: nullable(time),
  source_version: nullable(text),
  artifact_uri: nullable(text),
  experiment: nullable(text),
});
export type RunRow = z.output<typeof run>;
export const RUN_ROW = rows('runs', run);

const pair = z.object({ key: text, value: nullable(text) });
/** A row of params or tags. */
export type PairRow = z.output<typeof pair>;
export const PARAM_ROW = rows('params', pair);
export const TAG_ROW = rows('tags', pair);

const point = z.object({ key: text.min(1), value: z.number(), timestamp: time, step: z.int(), is_nan: z.int() });
/** A row of the table `metrics`. `timestamp` in epoch milliseconds. */
export type StoredPoint = z.output<typeof point>;
export const METRIC_ROW = rows('metrics', point);

export const DATASET_ROW = rows('datasets', z.object({ name: text, digest: text, source: text }));

const model = z.object({ workspace, name: text.min(1), description: nullable(text) });
export type ModelRow = z.output<typeof model>;
export const MODEL_ROW = rows('registered_models', model);

const modelVersion = z.object({
  workspace,
  name: text.min(1),
  version,
  creation_time: nullable(time),
  last_updated_time: nullable(time),
  description: nullable(text),
  user_id: nullable(text),
  current_stage: nullable(text),
  source: nullable(text),
  run_id: nullable(z.union([id, z.literal('')])),
  status: nullable(text),
  storage_location: nullable(text),
});
export type VersionRow = z.output<typeof modelVersion>;
export const VERSION_ROW = rows('model_versions', modelVersion);

export const MODEL_TAG_ROW = rows('registered_model_tags', z.object({ ...pair.shape, workspace, name: text }));
export const VERSION_TAG_ROW = rows('model_version_tags', z.object({ ...pair.shape, workspace, name: text, version }));
export const ALIAS_ROW = rows('registered_model_aliases', z.object({ workspace, name: text, alias: id, version }));
export const LOGGED_MODEL_ROW = rows('logged_models', z.object({ id: text, at: text }));
export const ARTIFACT_ROW = rows('runs', z.object({ artifact_uri: nullable(text) }));

/** A row that is not what its table says. */
export class ForeignRow extends Error {}

/** Checks one row. Throws `ForeignRow` with the table, the row and the field. */
export function checkRow<T>({ of, form }: RowForm<T>, row: unknown): T {
  const checked = form.safeParse(row);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const { run_uuid: run, name, key, run: own } = row as Readonly<Record<string, unknown>>;
  const which = [run ?? own ?? name ?? key].filter((one) => typeof one === 'string')[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw new ForeignRow(
    `table ${of}${which === undefined ? '' : `, row ${JSON.stringify(String(which).slice(0, 80))}`}: ${field}: ${issue?.message ?? 'not as it should be'}`,
  );
}
