import type { Finding } from '../domain/finding.js';
import type { TableProfile } from '../domain/profile.js';
import { compareColumn } from '../drift/compare-column.js';
import { alphaFor, comparableColumns } from '../drift/judge-table.js';
import { ksLimit } from '../drift/laws/ks-law.js';
import { findRepair } from '../quality/repair-test.js';

/** The repair test on every common column that drifts: only a drift needs an explanation. */
export function findRepairs(
  reference: TableProfile,
  current: TableProfile,
  options: { readonly dataset?: string; readonly ignore: readonly string[] },
): readonly Finding[] {
  const pairs = comparableColumns(reference, current, options.ignore);
  const alpha = alphaFor(pairs.length);
  return pairs.flatMap((pair) => {
    if (compareColumn(pair.reference, pair.current, { alpha, role: 'feature' }).verdict !== 'drift') return [];
    const found = findRepair(pair.reference, pair.current, {
      noDriftLimit: ksLimit(reference.rows, current.rows, 0.001),
      ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    });
    return found === undefined ? [] : [found];
  });
}
