import type { DataChecks } from '../pipeline/data-checks.js';
import type { KnownColumn } from '../ports/datasets.js';
import type { TableProfile } from './profile.js';

/** The types of columns by a reference and by the schema. The schema takes precedence. */
export function knownTypes(
  reference: TableProfile | undefined,
  checks?: Pick<DataChecks, 'columns'>,
): ReadonlyMap<string, KnownColumn> | undefined {
  const known = new Map<string, KnownColumn>();
  for (const { name, type, isDayFirst, rows, missing } of reference?.columns ?? [])
    if (missing < rows) known.set(name, { type, isDayFirst });
  for (const [name, { type }] of Object.entries(checks?.columns ?? {}))
    if (type !== undefined) known.set(name, { ...known.get(name), type });
  return known.size === 0 ? undefined : known;
}
