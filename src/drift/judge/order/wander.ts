import { recount, total } from '../../../statistics/distribution.js';
import { normalQuantile } from '../../../statistics/normal.js';
import { normalTail } from '../../../statistics/special-functions.js';
import type { ColumnCells } from '../cells.js';
import type { Measured, Method } from '../distance-methods.js';
import { rowsFactor } from '../laws/chi-square-law.js';
import { addCounts, groupSpans, type History, historyCells, LEAST_SPAN_ROWS } from './history.js';

/** An estimate needs at least this many groups of spans. */
const LEAST_GROUPS = 4;
/** A group may be left out if it lies this many times farther out than all groups that stay, … */
const FREAK_TIMES = 2.5;
/** … and if all groups left out hold at most this share of the rows: one freak day must not make the check blind. */
const FREAK_SHARE = 0.1;
/** Factor by which the farthest of a few spans is taken to be even farther, as a precaution. */
const CAUTION = 1.25;
/** The same factor for a point chosen among many because the window lies far out there. */
const SEARCHED = 1.4;
/** Standard deviations by which the variance between groups must exceed that of independent rows. */
const SIGMAS = 3.3;
/** Variance of one group's variance ratio, if its shares are cumulative: 2·Σλ²/(Σλ)² for λ = 1/(π²j²), j = 1, 2 … */
const CUMULATIVE_SPREAD = 0.8;

/** The effect of a column's history on its limit. */
export interface Wander {
  readonly limit: number;
  /** P-value of the distance, for the number of independent rows that the given rows are worth. */
  readonly pValue: number;
  /** Variance of a share in these windows divided by that of independent rows; 1 if rows are independent. */
  readonly inflation: number;
}

interface Given {
  readonly history: History;
  readonly cells: ColumnCells;
  readonly method: Method;
  readonly measured: Measured;
  readonly alpha: number;
}

/**
 * The limit of a distance for rows that depend on those before them, as hours and days do. A distance that the reference's own
 * spans show is no drift. There are two estimates. The smaller one counts, but at least the limit of independent rows.
 *
 * - **effective rows**: the variance between spans as long as the window gives the number of independent rows that the window
 *   is worth (a design effect: Kish 1965). The no-drift law is taken for that many rows.
 * - **farthest span**: the largest distance of such spans from the rest, at the point where the window has its own. It is
 *   multiplied by a ratio: a normal variable's limit to the median of the largest of as many. This estimate is the sharper one
 *   if shares vary within bounds, as in seasons. A number column has such a limit at every point. The one that the window
 *   exceeds most counts for the whole distance.
 */
export function wanderLimit({ history, cells, method, measured, alpha }: Given): Wander {
  const bare = { limit: measured.limit, pValue: measured.pValue, inflation: 1 };
  const [rows, window] = [total(cells.reference), total(cells.current)];
  const scales = scalesOf(history, rows, window);
  // What rows of a shorter span have in common averages out in a longer one.
  const shared = Math.max(...scales.map((scale) => sharedVariance(history, scale) * Math.min(1, scale / window)));
  if (shared === 0) return bare;
  const inflation = 1 + (shared * (1 + window / rows)) / rowsFactor(cells);
  const farthest = farthestSpan({ history, cells, method, measured, alpha }, Math.max(...scales));
  const effective = method.measure(fewerRows(cells, inflation), alpha);
  // Too few effective rows for the distance to have a law: only the spans decide.
  if (effective === undefined) {
    const limit = Math.max(bare.limit, farthest);
    return { limit, pValue: pValueBeside(limit, { method, measured, alpha }), inflation };
  }
  const byRows = method.isStatistic === true ? effective.limit * inflation : effective.limit;
  const limit = Math.max(bare.limit, Math.min(byRows, farthest));
  const pValue = byRows <= farthest ? effective.pValue : pValueBeside(limit, { method, measured, alpha });
  return { limit, pValue, inflation };
}

/** Two-sided p-value of a normal variable that has this limit at alpha. */
function pValueBeside(
  limit: number,
  { method, measured, alpha }: Pick<Given, 'method' | 'measured' | 'alpha'>,
): number {
  const ratio = measured.score / limit;
  return 2 * normalTail(-normalQuantile(alpha / 2) * (method.isSquare === true ? Math.sqrt(ratio) : ratio));
}

/** The window's length in rows if the history has groups of that length, and repeatedly half of it. */
function scalesOf({ spans, counted }: History, rows: number, window: number): readonly number[] {
  const longest = Math.min(window, rows / (LEAST_GROUPS + 1));
  const shortest = Math.max(LEAST_SPAN_ROWS / counted, rows / spans.length);
  const scales = [Math.max(longest, shortest)];
  for (let scale = longest / 2; scale >= shortest * 0.99; scale /= 2) scales.push(scale);
  return scales;
}

type Counts = readonly number[];

/** Groups of about `scale` rows of the reference, without the freak ones. */
function usualGroups(history: History, scale: number): readonly Counts[] {
  const groups = groupSpans(history.spans, Math.max(LEAST_SPAN_ROWS, scale * history.counted));
  const all = sumOf(groups);
  const order = groups
    .map((counts, i) => ({ i, rows: total(counts), distance: distanceOf(history, addCounts(all, counts, -1), counts) }))
    .sort((a, b) => b.distance - a.distance);
  let passed = 0;
  for (const [rank, one] of order.entries()) {
    passed += one.rows;
    const next = order[rank + 1];
    if (next === undefined || passed > FREAK_SHARE * total(all) * (1 + 1e-9)) return groups;
    if (one.distance <= FREAK_TIMES * next.distance) continue;
    const freaks = new Set(order.slice(0, rank + 1).map((freak) => freak.i));
    return groups.filter((_, i) => !freaks.has(i));
  }
  return groups;
}

const sumOf = (groups: readonly Counts[]): Counts =>
  groups.reduce<Counts>((sum, one) => (sum.length === 0 ? one : addCounts(sum, one)), []);

/** Shares of the cells; of a number column the cumulative shares. */
function sharesOf({ kind }: History, counts: Counts): Counts {
  const rows = Math.max(1, total(counts));
  let sum = 0;
  return counts.map((count) => {
    sum = kind === 'numeric' ? sum + count : count;
    return Math.min(1, sum / rows);
  });
}

/** Kolmogorov–Smirnov distance for number columns, total variation for others. */
function distanceOf(history: History, one: Counts, other: Counts): number {
  const [p, q] = [sharesOf(history, one), sharesOf(history, other)];
  const moves = p.map((share, i) => Math.abs(share - (q[i] ?? 0)));
  return history.kind === 'numeric' ? Math.max(...moves) : total(moves) / 2;
}

/**
 * The part of a share's variance p(1 − p) that the rows of a span have in common: intraclass correlation by analysis of
 * variance (Donner and Koval 1980), summed over all cells. 0 if it is not clearly above that of independent rows.
 */
function sharedVariance(history: History, scale: number): number {
  const groups = usualGroups(history, scale);
  if (groups.length < LEAST_GROUPS) return 0;
  const all = sumOf(groups);
  const pooled = sharesOf(history, all);
  const single = pooled.map((p) => p * (1 - p));
  const squares = groups.map((counts) => {
    const moves = sharesOf(history, counts).map((share, i) => (share - (pooled[i] ?? 0)) ** 2);
    return total(counts) * total(moves);
  });
  const freedom = groups.length - 1;
  const ratio = total(squares) / freedom / Math.max(1e-12, total(single));
  const spread =
    history.kind === 'numeric' ? CUMULATIVE_SPREAD : (2 * total(single.map((v) => v * v))) / total(single) ** 2;
  if (!(ratio > 1 + SIGMAS * Math.sqrt(spread / freedom))) return 0;
  const rows = total(all);
  const size = (rows - total(groups.map((counts) => total(counts) ** 2)) / rows) / freedom;
  return (ratio - 1) / size;
}

function farthestSpan(given: Given, scale: number): number {
  const { history, method, measured, alpha } = given;
  const groups = usualGroups(history, scale);
  if (groups.length < LEAST_GROUPS) return Number.POSITIVE_INFINITY;
  const times = (CAUTION * normalQuantile(alpha / 2)) / normalQuantile((1 - 0.5 ** (1 / groups.length)) / 2);
  if (method.name !== 'ks' && method.name !== 'tvd') return farthestScore(given, groups, times);
  const parts = movedParts(given);
  const all = sumOf(groups);
  const most = Math.max(...parts.map((part) => part.move));
  const limits = parts.map(({ isIn, move }) => {
    const share = (counts: Counts): number => total(counts.filter((_, i) => isIn(i))) / Math.max(1, total(counts));
    const moves = groups.map((counts) => Math.abs(share(counts) - share(addCounts(all, counts, -1))));
    const searched = move === most ? 1 : SEARCHED;
    return (Math.hypot(measured.limit, searched * times * Math.max(...moves)) * measured.score) / move;
  });
  return Math.min(...limits);
}

/** Cells of the history that form a part of the rows, and the move of their share. */
interface MovedPart {
  readonly isIn: (cell: number) => boolean;
  readonly move: number;
}

/**
 * Of a number column: the cells below each point where the shares differ by more than the effect size. The reference
 * may vary in its middle and not at its ends, and that must not hide what lies beyond all of its rows. Of other
 * columns: the cells whose shares rose, which make up the distance.
 */
function movedParts({ history, cells, measured }: Given): readonly MovedPart[] {
  const before = inCellsOf(history, cells, cells.reference);
  const now = inCellsOf(history, cells, cells.current);
  const [p, q] = [sharesOf(history, before), sharesOf(history, now)];
  const moves = p.map((share, i) => (q[i] ?? 0) - share);
  if (history.kind !== 'numeric') return [{ isIn: (cell) => (moves[cell] ?? 0) > 0, move: measured.score }];
  const parts = moves.map((move, at): MovedPart => ({ isIn: (cell) => cell <= at, move: Math.abs(move) }));
  const most = Math.max(...parts.map((part) => part.move));
  return parts.filter(({ move }) => move > 0 && (move === most || move > measured.least));
}

/** The window's rows, counted in the coarser cells of the history. */
function inCellsOf(history: History, { edges, values }: ColumnCells, counts: Counts): Counts {
  if (history.kind === 'numeric') return recount({ edges, counts }, history.edges);
  const known = history.values.map((value) => counts[values.indexOf(value)] ?? 0);
  return [...known, total(counts) - total(known)];
}

/** The same for distances that do not depend on a single point: by the scores of the spans. */
function farthestScore({ history, cells, method, alpha }: Given, groups: readonly Counts[], times: number): number {
  const all = sumOf(groups);
  const scores = groups.map((counts) => {
    const found = historyCells(history, addCounts(all, counts, -1), counts);
    const factor = method.isStatistic === true ? rowsFactor(found) / rowsFactor(cells) : 1;
    return (method.measure(found, alpha)?.score ?? 0) * factor;
  });
  return Math.max(...scores) * (method.isSquare === true ? times ** 2 : times);
}

/** As many independent rows as the given rows are worth. */
const fewerRows = (cells: ColumnCells, inflation: number): ColumnCells => ({
  ...cells,
  reference: cells.reference.map((count) => count / inflation),
  current: cells.current.map((count) => count / inflation),
  missing: {
    reference: cells.missing.reference / inflation,
    current: cells.missing.current / inflation,
  },
});
