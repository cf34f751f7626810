import type { DriftReport, DriftVerdict, FeatureDrift } from '../domain/drift.js';
import type { Finding } from '../domain/finding.js';
import type { ColumnProfile, TableProfile } from '../domain/profile.js';
import { compareColumn } from './feature.js';

/** How often a table without drift may be called drifted, over all its columns. */
export const FALSE_ALARM_RATE = 0.001;

export interface ComparedTable {
  readonly features: readonly FeatureDrift[];
  readonly verdict: DriftVerdict;
  readonly drifted: number;
  readonly total: number;
}

/** Columns that both tables have, timestamps and ignored ones left out. */
export function comparableColumns(
  reference: TableProfile,
  current: TableProfile,
  ignore: readonly string[],
): readonly { readonly reference: ColumnProfile; readonly current: ColumnProfile }[] {
  return reference.columns.flatMap((column) => {
    const other = current.columns.find((one) => one.name === column.name);
    const isCompared = column.type !== 'timestamp' && column.type !== 'other' && !ignore.includes(column.name);
    return other !== undefined && isCompared && column.name !== reference.time?.column
      ? [{ reference: column, current: other }]
      : [];
  });
}

/** Every common column judged, the rate of false alarms shared among them (Bonferroni). */
export function compareTables(
  reference: TableProfile,
  current: TableProfile,
  options: { readonly ignore: readonly string[]; readonly label?: string; readonly dataBugs: readonly Finding[] },
): ComparedTable {
  const columns = comparableColumns(reference, current, options.ignore);
  const buggy = new Set(options.dataBugs.flatMap((bug) => (bug.column === undefined ? [] : [bug.column])));
  const alpha = FALSE_ALARM_RATE / Math.max(1, columns.length);
  const features = columns.map((pair) => {
    const role = pair.reference.name === options.label ? 'label' : 'feature';
    const judged = compareColumn(pair.reference, pair.current, { alpha, role });
    return buggy.has(judged.name) ? { ...judged, verdict: 'finding' as const } : judged;
  });
  return { features, ...summarize(features) };
}

/** `drift` when at least one column drifts; `undecided` when none drifts and none could be judged. */
function summarize(features: readonly FeatureDrift[]): Pick<DriftReport, 'verdict' | 'drifted' | 'total'> {
  const drifted = features.filter((feature) => feature.verdict === 'drift').length;
  const total = drifted + features.filter((feature) => feature.verdict === 'stable').length;
  return { drifted, total, verdict: drifted > 0 ? 'drift' : total > 0 ? 'stable' : 'undecided' };
}
