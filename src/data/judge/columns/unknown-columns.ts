import type { Finding } from '../../../domain/data/finding.js';
import { suggestOne } from '../../../domain/support/near-miss.js';
import { makeFinding } from '../finding.js';

/** A place where the user names columns, such as `monitor.ignore` or `--ignore`. */
export interface NamedColumns {
  readonly by: string;
  readonly names: readonly string[];
}

/** Warnings about names that are no column of the tables. A misspelt name would be ignored in silence. */
export function unknownColumns(
  named: readonly NamedColumns[],
  known: readonly string[],
  { dataset, tables }: { readonly dataset?: string; readonly tables: string },
): readonly Finding[] {
  const columns = [...new Set(known)];
  const places = new Map<string, readonly string[]>();
  for (const { by, names } of named)
    for (const name of names)
      if (!columns.includes(name)) places.set(name, [...new Set([...(places.get(name) ?? []), by])]);
  return [...places].map(([column, by]) =>
    makeFinding({
      dataset,
      column,
      code: 'unknown-column',
      severity: 'warning',
      detail: `${by.join(' and ')} ${by.length === 1 ? 'names' : 'name'} it, and ${tables}; ${suggestOne(column, columns, 'columns')}`,
      evidence: { named_by: [...by] },
    }),
  );
}
