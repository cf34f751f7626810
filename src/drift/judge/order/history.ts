import type { ColumnProfile } from '../../../domain/data/profile.js';
import { coarseEdges, HISTORY_VALUES, total } from '../../../statistics/distribution.js';
import { type ColumnCells, isDiscrete, missingRows } from '../cells.js';

/** Rows of consecutive spans of a column's reference, in the same cells. */
export interface History {
  readonly kind: ColumnCells['kind'];
  readonly edges: readonly number[];
  readonly values: readonly string[];
  readonly isDiscrete: boolean;
  /** Rows of each span by cell, oldest first. */
  readonly spans: readonly (readonly number[])[];
  /** Share of the column's rows that are counted in the spans, 0…1. Of a long table only a sample is. */
  readonly counted: number;
}

/** Spans with fewer rows do not show how a column varies. */
export const LEAST_SPAN_ROWS = 30;

/** The spans that the reference keeps. `undefined` if its rows have no order. */
export function historyOf(reference: ColumnProfile, kind: ColumnCells['kind']): History | undefined {
  const { numeric, categories, history } = reference;
  if (history === undefined || history.length === 0) return undefined;
  const counted = Math.min(1, total(history.map(total)) / Math.max(1, reference.rows - missingRows(reference)));
  const base = { kind, counted, edges: [], values: [], isDiscrete: false, spans: history };
  if (numeric === undefined) {
    const values = (categories?.top ?? []).slice(0, HISTORY_VALUES).map((one) => one.value);
    return { ...base, values };
  }
  const edges = coarseEdges(numeric.quantiles);
  if (kind === 'numeric') return { ...base, edges, isDiscrete: isDiscrete(numeric) };
  // A number column of two values: the reference has no rows below or above them.
  const spans = history.map((counts) => [...counts.slice(1, -1), 0]);
  return { ...base, values: edges.slice(1).map(String), spans };
}

/** One group of spans against all others. */
export const historyCells = (
  { kind, edges, values, isDiscrete }: History,
  rest: readonly number[],
  group: readonly number[],
): ColumnCells => ({
  kind,
  edges,
  values,
  isDiscrete,
  reference: rest,
  current: group,
  missing: { reference: 0, current: 0 },
});

/** Joins neighbouring spans until each group has about this many rows. A short rest joins the last group. */
export function groupSpans(spans: readonly (readonly number[])[], rows: number): readonly (readonly number[])[] {
  const groups: (readonly number[])[] = [];
  let open: readonly number[] | undefined;
  for (const span of spans) {
    open = open === undefined ? span : addCounts(open, span);
    if (total(open) < 0.75 * rows) continue;
    groups.push(open);
    open = undefined;
  }
  const last = groups.at(-1);
  if (open === undefined || total(open) === 0 || last === undefined) return groups;
  return [...groups.slice(0, -1), addCounts(last, open)];
}

/** Counts of the same cells added up; subtracted with a `sign` of −1. */
export const addCounts = (sum: readonly number[], more: readonly number[], sign = 1): readonly number[] =>
  sum.map((count, i) => count + sign * (more[i] ?? 0));
