import { triage } from '../data/judge/triage.js';
import type { FindDataBugs } from '../data/windows/triage-window.js';
import { compareColumn } from './judge/compare-column.js';
import { alphaFor, comparableColumns } from './judge/judge-table.js';

/** Triage of a window: the repair test on the columns that drift, the schema and each column's own values anyway. */
export const findDataBugs: FindDataBugs = (reference, current, options) => {
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
};
