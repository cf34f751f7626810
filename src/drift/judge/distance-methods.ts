import type { MethodName } from '../../domain/pipeline/drift-method.js';
import { type Cells, total } from '../../statistics/distribution.js';
import { type ColumnCells, joinEnds, shareCells } from './cells.js';
import { chiSquare, mergeRare } from './distances/chi-square.js';
import { hellinger } from './distances/hellinger.js';
import { jensenShannon } from './distances/jensen-shannon.js';
import { ksSplit } from './distances/ks.js';
import { kullbackLeibler } from './distances/kullback-leibler.js';
import { movedCell } from './distances/l-infinity.js';
import { psi } from './distances/psi.js';
import { totalVariation } from './distances/tvd.js';
import { wassersteinGrid, wassersteinOfCells } from './distances/wasserstein.js';
import { EFFECTS, shareError, shownAbove, shownAboveChiSquare, shownAboveNoise } from './effects/effect-sizes.js';
import { chiSquareLaw, rowsFactor } from './laws/chi-square-law.js';
import { ksLimit, ksPValue } from './laws/ks-law.js';
import { lInfinityLaw } from './laws/l-infinity-law.js';
import type { NoDriftLaw } from './laws/no-drift-law.js';
import { permutationLaw } from './laws/permutation-law.js';
import { tvdLaw } from './laws/tvd-law.js';
import { wassersteinLaw } from './laws/wasserstein-law.js';

/** A distance and the limits that it must exceed. */
export interface Measured {
  readonly score: number;
  /** The smallest distance that shows, for these rows and cells, a true distance above the effect size. */
  readonly least: number;
  /** Exceeded with probability alpha when nothing has changed. */
  readonly limit: number;
  readonly pValue: number;
  /** The distance in the column's own unit. */
  readonly unscaled?: number;
}

export interface Method {
  readonly name: MethodName;
  readonly kinds: readonly ColumnCells['kind'][];
  /** `undefined`: too few rows in each cell for this distance. */
  readonly measure: (cells: ColumnCells, alpha: number) => Measured | undefined;
  /** Whether the score grows with the number of rows, as a test statistic does. */
  readonly isStatistic?: boolean;
  /** Whether the score grows with the square of a change. */
  readonly isSquare?: boolean;
  /** The largest possible score, if there is one. */
  readonly most?: number;
}

const BOTH = ['numeric', 'categorical'] as const;

const METHODS: Readonly<Record<MethodName, Method>> = {
  ks: {
    name: 'ks',
    kinds: ['numeric'],
    most: 1,
    measure: (cells, alpha) => {
      const { distance, below } = ksSplit(cells);
      const [n, m] = [total(cells.reference), total(cells.current)];
      const least = shownAbove(EFFECTS.ks, shareError(below, 1 / n + 1 / m));
      return { score: distance, least, limit: ksLimit(n, m, alpha), pValue: ksPValue(distance, n, m) };
    },
  },
  wasserstein: { name: 'wasserstein', kinds: ['numeric'], measure: measureWasserstein },
  jensen_shannon: rootOfChiSquare('jensen_shannon', jensenShannon, 1 / (8 * Math.LN2)),
  hellinger: rootOfChiSquare('hellinger', hellinger, 1 / 8),
  psi: chiSquared('psi', psi, 1),
  kullback_leibler: chiSquared('kullback_leibler', kullbackLeibler, 1 / 2),
  tvd: {
    name: 'tvd',
    kinds: BOTH,
    most: 1,
    measure: (given, alpha) => {
      const cells = shareCells(given);
      const score = totalVariation(cells);
      const law = tvdLaw(cells, alpha, score);
      const error = shareError(risenShare(cells), rowsFactor(cells));
      const least = shownAboveNoise(EFFECTS.share, error, law.mean);
      return { score, least, limit: law.limit, pValue: law.pValue };
    },
  },
  l_infinity: {
    name: 'l_infinity',
    kinds: BOTH,
    most: 1,
    measure: (given, alpha) => {
      const cells = shareCells(given);
      const { distance: score, share } = movedCell(cells);
      const law = lInfinityLaw(cells, alphaInTail(cells, alpha), score);
      const least = shownAbove(EFFECTS.share, shareError(share, rowsFactor(cells)));
      return { score, least, limit: law.limit, pValue: law.pValue };
    },
  },
  chi_square: {
    name: 'chi_square',
    kinds: BOTH,
    isStatistic: true,
    isSquare: true,
    measure: (given, alpha) => {
      const cells = denseCells(given);
      if (cells === undefined) return undefined;
      const score = chiSquare(cells);
      const e = rowsFactor(cells);
      const law = chiSquareLaw(cells, 1 / e, { alpha, seen: score });
      const least = shownAboveChiSquare(EFFECTS.chi_square / e, 1, freedomOf(cells));
      return { score, least, limit: law.limit, pValue: law.pValue };
    },
  },
};

const freedomOf = (cells: Cells): number => Math.max(1, cells.reference.length - 1);

/** Pooled share of the cells whose share rose. */
function risenShare({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  const risen = reference.map((count, i) => ((current[i] ?? 0) / m > count / n ? count + (current[i] ?? 0) : 0));
  return total(risen) / (n + m);
}

/** Cells with enough rows for chi-square laws. `undefined` if all cells but one are rare. */
function denseCells(given: ColumnCells): Cells | undefined {
  const all = shareCells(given.kind === 'numeric' && given.isDiscrete !== true ? joinEnds(given) : given);
  const cells = mergeRare(all);
  return cells.reference.length < 2 && all.reference.length > 1 ? undefined : cells;
}

function measureWasserstein(cells: ColumnCells, alpha: number): Measured {
  const { normed, unscaled } = wassersteinOfCells(cells);
  const grid = wassersteinGrid(cells);
  const law = wassersteinLaw(grid, rowsFactor(cells), { alpha, seen: unscaled });
  // The limit lies about three standard deviations above the mean.
  const error = (law.limit - law.mean) / 3 / grid.scale;
  const least = shownAbove(EFFECTS.wasserstein, error);
  return { score: normed, least, limit: law.limit / grid.scale, pValue: law.pValue, unscaled };
}

/** A divergence whose no-drift law for many rows is a multiple of chi-square. */
function chiSquared(name: 'psi' | 'kullback_leibler', distance: (cells: Cells) => number, factor: number): Method {
  return {
    name,
    kinds: BOTH,
    isSquare: true,
    measure: (given, alpha) => {
      const cells = denseCells(given);
      if (cells === undefined) return undefined;
      const score = distance(cells);
      const asked = name === 'kullback_leibler' ? alphaInTail(cells, alpha) : alpha;
      const least = shownAboveChiSquare(EFFECTS[name], factor * rowsFactor(cells), freedomOf(cells));
      const law = lawOf(cells, { distance, factor, least }, { alpha: asked, seen: score });
      return { score, least, limit: law.limit, pValue: law.pValue };
    },
  };
}

/** A distance whose square has such a law. */
function rootOfChiSquare(
  name: 'jensen_shannon' | 'hellinger',
  distance: (cells: Cells) => number,
  factor: number,
): Method {
  const squared = (cells: Cells): number => distance(cells) ** 2;
  return {
    name,
    kinds: BOTH,
    most: 1,
    measure: (given, alpha) => {
      const cells = denseCells(given);
      if (cells === undefined) return undefined;
      const score = distance(cells);
      const least = shownAboveChiSquare(EFFECTS[name] ** 2, factor * rowsFactor(cells), freedomOf(cells));
      const asked = name === 'hellinger' ? alphaInTail(cells, alpha) : alpha;
      const law = lawOf(cells, { distance: squared, factor, least }, { alpha: asked, seen: score ** 2 });
      return { score, least: Math.sqrt(least), limit: Math.sqrt(law.limit), pValue: law.pValue };
    },
  };
}

/** With fewer rows on a side, the laws for many rows are wrong by a few percent. */
const MANY_ROWS = 1000;
/**
 * Cells at the reference's own ranks hold shares with a longer tail than the binomial law. With few rows this affects
 * distances that depend on a single cell. Their limit is then computed for this share of the false alarms.
 */
const TAIL_SHARE = 0.1;

const isShort = (cells: Cells): boolean => Math.min(total(cells.reference), total(cells.current)) < MANY_ROWS;

const alphaInTail = (cells: Cells, alpha: number): number => (isShort(cells) ? alpha * TAIL_SHARE : alpha);

/**
 * For few rows the law is simulated, but only above the effect size: below it the column is stable whatever the limit
 * is.
 */
function lawOf(
  cells: Cells,
  shape: { readonly distance: (cells: Cells) => number; readonly factor: number; readonly least: number },
  options: { readonly alpha: number; readonly seen: number },
): NoDriftLaw {
  const law = chiSquareLaw(cells, shape.factor, options);
  return isShort(cells) && options.seen > shape.least ? permutationLaw(cells, shape.distance, options) : law;
}

/** Whether a distance is defined for categories. */
export const fitsCategories = (name: MethodName | 'auto'): boolean =>
  name === 'auto' || METHODS[name].kinds.includes('categorical');

/**
 * The distance that was asked for, if it fits the kind of column. Otherwise KS for numbers and total variation for
 * categories.
 */
export function methodFor(name: MethodName | 'auto', kind: ColumnCells['kind']): Method {
  const chosen = name === 'auto' ? undefined : METHODS[name];
  return chosen?.kinds.includes(kind) === true ? chosen : kind === 'numeric' ? METHODS.ks : METHODS.tvd;
}
