import type { ClassifierDrift } from '../domain/data/drift.js';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok, type Result } from '../domain/support/result.js';
import { type SampledColumn, separate } from './judge/domain-classifier.js';

/** Rows sampled from each window. */
const SAMPLE = 5000;
const SHOWN = 5;

/** Reads a sample of both windows' rows and trains a classifier to tell them apart. */
export async function classify(
  services: Pick<Services, 'datasets'>,
  windows: { readonly reference: TableSource; readonly current: TableSource; readonly columns: readonly string[] },
): Promise<Result<ClassifierDrift, Failure>> {
  const reference = await services.datasets.sample(windows.reference, windows.columns, SAMPLE);
  if (!reference.ok) return reference;
  const current = await services.datasets.sample(windows.current, windows.columns, SAMPLE);
  if (!current.ok) return current;
  const columns = windows.columns.map(
    (name): SampledColumn => ({
      name,
      reference: reference.value.get(name) ?? [],
      current: current.value.get(name) ?? [],
    }),
  );
  const found = separate(columns);
  if (found === undefined) return ok({ verdict: 'undecided', columns: [], examples: [] });
  const isDrift = found.auc > found.threshold;
  const telling = found.columns.slice(0, SHOWN).filter((column) => column.share > 0);
  const example = (row: number): JsonObject =>
    Object.fromEntries(telling.map(({ name }) => [name, current.value.get(name)?.[row] ?? null]));
  return ok({
    verdict: isDrift ? 'drift' : 'stable',
    auc: found.auc,
    threshold: found.threshold,
    pValue: found.pValue,
    columns: found.columns,
    examples: isDrift ? found.rows.slice(0, SHOWN).map(example) : [],
  });
}
