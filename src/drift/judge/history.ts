import type { ColumnProfile } from '../../domain/data/profile.js';
import { coarseEdges, HISTORY_VALUES, total } from '../../statistics/distribution.js';
import { type ColumnCells, isDiscrete } from './cells.js';
import { rowsFactor } from './laws/chi-square-law.js';
import type { Method } from './methods.js';

/** Chunks with fewer rows say nothing about a column's habits. */
const LEAST_CHUNK_ROWS = 30;
const LEAST_CHUNKS = 4;
/** Chunks that hold so much of the rows may be farther out: one freak day must not blind the check. */
const FREAK_SHARE = 0.1;

/**
 * How far the reference's own spans of time lie from the rest of it, beyond what their sampling explains: each chunk
 * against all others (leave one out), its own no-drift limit subtracted, the farthest tenth of the rows left out. 0 for
 * rows without an order in time. A short leftover chunk has a wide limit of its own, so it cannot raise this.
 */
export function historyVariation(
  reference: ColumnProfile,
  method: Method,
  options: { readonly alpha: number; readonly now: ColumnCells },
): number {
  const chunks = (reference.history ?? []).filter((chunk) => total(chunk) >= LEAST_CHUNK_ROWS);
  if (chunks.length < LEAST_CHUNKS) return 0;
  const all = chunks.reduce<readonly number[]>((sum, chunk) => add(sum, chunk, 1), []);
  const excesses = chunks
    .map((chunk) => {
      const cells = historyCells(reference, add(all, chunk, -1), chunk);
      const measured = method.measure(cells, options.alpha);
      const excess = measured === undefined ? 0 : Math.max(0, measured.score - measured.limit);
      const scale = method.isStatistic === true ? rowsFactor(cells) / rowsFactor(options.now) : 1;
      return { excess: excess * scale, rows: total(chunk) };
    })
    .sort((a, b) => b.excess - a.excess);
  const rows = total(all);
  let passed = 0;
  for (const { excess, rows: weight } of excesses) {
    passed += weight;
    if (passed > FREAK_SHARE * rows * (1 + 1e-9)) return excess;
  }
  return 0;
}

const add = (sum: readonly number[], chunk: readonly number[], sign: number): readonly number[] =>
  chunk.map((count, i) => (sum[i] ?? 0) + sign * count);

function historyCells(column: ColumnProfile, rest: readonly number[], chunk: readonly number[]): ColumnCells {
  const base = { reference: rest, current: chunk, missing: { reference: 0, current: 0 } };
  if (column.numeric !== undefined)
    return {
      ...base,
      kind: 'numeric',
      edges: coarseEdges(column.numeric.quantiles),
      values: [],
      isDiscrete: isDiscrete(column.numeric),
    };
  const values = (column.categories?.top ?? []).slice(0, HISTORY_VALUES).map((one) => one.value);
  return { ...base, kind: 'categorical', edges: [], values };
}
