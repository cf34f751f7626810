import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { RowEvidence } from '../judge/row-evidence.js';

const SAMPLE_ROWS = 5000;
/** A table with more columns shows enough by its first. */
const MOST_COLUMNS = 60;

/** Rows of both windows chosen at random, of the columns that both have; times and nested columns are left out. */
export async function readRows(
  services: Pick<Services, 'datasets'>,
  sources: { readonly reference: TableSource; readonly current: TableSource },
  profiles: {
    readonly reference: TableProfile;
    readonly current: TableProfile;
    readonly ignore: readonly string[];
  },
): Promise<Result<RowEvidence | undefined, Failure>> {
  const isUsed = (table: TableProfile, name: string): boolean =>
    table.columns.some((one) => one.name === name && (one.numeric !== undefined || one.categories !== undefined));
  const columns = profiles.reference.columns
    .map((column) => column.name)
    .filter((name) => !profiles.ignore.includes(name) && name !== profiles.reference.time?.column)
    .filter((name) => isUsed(profiles.reference, name) && profiles.current.columns.some((one) => one.name === name))
    .slice(0, MOST_COLUMNS);
  if (columns.length < 2) return ok(undefined);
  const reference = await services.datasets.sample(sources.reference, columns, SAMPLE_ROWS);
  if (!reference.ok) return reference;
  const current = await services.datasets.sample(sources.current, columns, SAMPLE_ROWS);
  return current.ok ? ok({ reference: reference.value, current: current.value }) : current;
}
