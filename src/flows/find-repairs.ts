import type { Finding } from '../domain/finding.js';
import type { TableProfile } from '../domain/profile.js';
import { comparableColumns, FALSE_ALARM_RATE } from '../drift/judge-table.js';
import { ksLimit } from '../drift/ks-law.js';
import { findRepair } from '../quality/repair-test.js';

/** The repair test on every common column of two tables. */
export function findRepairs(
  reference: TableProfile,
  current: TableProfile,
  options: { readonly dataset?: string; readonly ignore: readonly string[] },
): readonly Finding[] {
  const noDriftLimit = ksLimit(Math.max(1, reference.rows), Math.max(1, current.rows), FALSE_ALARM_RATE);
  return comparableColumns(reference, current, options.ignore).flatMap((pair) => {
    const found = findRepair(pair.reference, pair.current, {
      noDriftLimit,
      ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    });
    return found === undefined ? [] : [found];
  });
}
