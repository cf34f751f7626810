import type { TableProfile } from '../domain/data/profile.js';
import { compareColumn } from '../drift/judge/compare-column.js';
import { alphaFor, comparableColumns } from '../drift/judge/judge-table.js';
import { type Triage, triage } from './judge/triage.js';

/** Triage of a window: the repair test on the columns that drift, the schema and each column's own values anyway. */
export function findDataBugs(
  reference: TableProfile,
  current: TableProfile,
  options: {
    readonly dataset?: string;
    readonly ignore: readonly string[];
    /** Earlier windows as long as the current one. */
    readonly history: readonly TableProfile[];
    readonly isFirstLook?: boolean;
  },
): Triage {
  if (current.rows === 0) return triage({ ...options, reference, current });
  const compared = comparableColumns(reference, current, options.ignore);
  const alpha = alphaFor(compared.length);
  // asked of few columns, and as dear as all the rest
  const drifting = new Map<string, boolean>();
  const isDrifting = (name: string): boolean => {
    const known = drifting.get(name);
    if (known !== undefined) return known;
    const pair = compared.find((one) => one.current.name === name);
    const is =
      pair !== undefined && compareColumn(pair.reference, pair.current, { alpha, role: 'feature' }).verdict === 'drift';
    drifting.set(name, is);
    return is;
  };
  return triage({ ...options, reference, current, isDrifting });
}
