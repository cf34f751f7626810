import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import type { When } from '../domain/when.js';
import { referenceRun } from '../models/champion.js';
import { inferSchema, likelyKeys } from './judge/infer-schema.js';
import { datasetReference } from './windows/reference-profile.js';
import { datasetTable } from './windows/window.js';

/** The schema file that a dataset meets: the champion's data where its profile is known, else what is there now. */
export async function inferDatasetSchema(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  when: When,
): Promise<Result<View, Failure>> {
  const table = await datasetTable(services, dataset, { until: when.now });
  if (!table.ok) return table;
  const origin = referenceRun(services, pipeline, when);
  const reference = origin === undefined ? undefined : datasetReference(services, origin.run, dataset.name);
  const of = reference === undefined ? `dataset ${dataset.name}` : `dataset ${dataset.name} of ${origin?.source}`;
  return infer(services, { source: table.value, of, ignore: [], reference });
}

/** The same of files. */
export const inferFileSchema = (
  services: Pick<Services, 'datasets'>,
  options: { readonly paths: readonly string[]; readonly names: readonly string[]; readonly ignore: readonly string[] },
): Promise<Result<View, Failure>> =>
  infer(services, {
    source: { from: { kind: 'files', paths: options.paths } },
    of: options.names.join(', '),
    ignore: options.ignore,
  });

interface Inference {
  readonly source: TableSource;
  readonly of: string;
  readonly ignore: readonly string[];
  readonly reference?: TableProfile;
}

async function infer(
  services: Pick<Services, 'datasets'>,
  { source, of, ignore, reference }: Inference,
): Promise<Result<View, Failure>> {
  const profile = reference === undefined ? await services.datasets.profile(source) : ok(reference);
  if (!profile.ok) return profile;
  const text = await schemaText(services, { source, of, ignore, profile: profile.value });
  return ok({
    json: { schema: text, rows: profile.value.rows, source: of },
    parts: [{ kind: 'text', lines: text.trimEnd().split('\n') }],
  });
}

/** The text of the schema file that a profiled table meets; likely keys are counted in its rows. */
export async function schemaText(
  services: Pick<Services, 'datasets'>,
  { source, of, ignore, profile }: Omit<Inference, 'reference'> & { readonly profile: TableProfile },
): Promise<string> {
  const likely = likelyKeys(profile);
  const conditions = likely.map((column) => ({ predicate: { kind: 'unique' as const, columns: [column] } }));
  const counted =
    likely.length === 0 ? undefined : await services.datasets.check(source, { conditions, shown: source });
  // a column that is gone by now is no key
  const keys = counted?.ok === true ? likely.filter((_, i) => counted.value.conditions[i]?.bad === 0) : [];
  const { printSchema } = await import('../pipeline/parse/sections/schema-file.js');
  return printSchema(
    inferSchema(profile, { keys, ignore }),
    `What ${of} was like, in ${profile.rows} rows: a start, to be edited.\nRules are SQL, true for good rows, like  rules: [ "origin <> destination" ]`,
  );
}
