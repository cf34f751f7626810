import { triage } from '../data/judge/triage.js';
import type { FindDataBugs } from '../data/windows/triage-window.js';
import { compareColumn } from './judge/compare-column.js';
import { alphaFor, comparableColumns } from './judge/judge-table.js';

/** Triage of a window: the schema and each column's own values always, the repair test only on columns that drift. */
export const findDataBugs: FindDataBugs = (reference, current, options) => {
  if (current.rows === 0) return triage({ ...options, reference, current });
  const compared = comparableColumns(reference, current, options.ignore);
  const alpha = alphaFor(compared.length);
  // Whether a column drifts is needed for few columns and costs as much as everything else.
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
