import type { MovedCell } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import { percentText } from '../../domain/support/percent-text.js';
import { total } from '../../statistics/distribution.js';
import { medianLow } from '../../statistics/quantiles.js';
import { type ColumnCells, coarsen } from './cells.js';
import type { ValueRate } from './effects/value-rates.js';
import { boundText, pairText } from './figures.js';
import type { MissingShare } from './missing-share.js';
import type { Unseen } from './unseen.js';

const SHOWN_CELLS = 3;
/** Smaller moves of a share are not named. */
const LEAST_MOVE = 0.005;
const LONGEST_VALUE = 40;

interface NamedCell {
  readonly cell: string;
  readonly reference: number;
  readonly current: number;
}

/**
 * The cells whose share of all rows moved most, largest move first. Missing values are a cell of their own. A cell is
 * named by its value or by its range `a … b`: above a, up to and including b.
 */
export function movedCells(cells: ColumnCells): readonly MovedCell[] {
  const named = cells.kind === 'numeric' ? numericCells(cells) : categoryCells(cells);
  const n = total(cells.reference) + cells.missing.reference;
  const m = total(cells.current) + cells.missing.current;
  const missing = { cell: 'missing', reference: cells.missing.reference, current: cells.missing.current };
  return [...named, missing]
    .map(({ cell, reference, current }) => ({
      cell,
      before: reference / Math.max(1, n),
      after: current / Math.max(1, m),
    }))
    .filter((one) => Math.abs(one.after - one.before) >= LEAST_MOVE)
    .sort(byMove)
    .slice(0, SHOWN_CELLS);
}

/** Largest move first. Of two values that exchange rows, the rarer one first, because its rate is what counts. */
function byMove(a: MovedCell, b: MovedCell): number {
  const move = Math.abs(b.after - b.before) - Math.abs(a.after - a.before);
  return Math.abs(move) > 1e-9 ? move : a.before + a.after - (b.before + b.after);
}

/**
 * Ranges between *under* and *over*, which hold the rows below the reference's smallest value and above its largest.
 */
function numericCells(cells: ColumnCells): readonly NamedCell[] {
  const isByValue = cells.isByValue === true;
  const shown = isByValue ? cells : coarsen(cells);
  const { edges } = shown;
  const [least, largest] = [cells.edges[1] ?? cells.edges[0] ?? 0, cells.edges.at(-1) ?? 0];
  const width = largest - least;
  return shown.reference.map((reference, i) => {
    const name =
      i === 0
        ? `below ${boundText(least, width, 'down')} (under)`
        : i === edges.length
          ? `above ${boundText(largest, width, 'up')} (over)`
          : isByValue
            ? String(edges[i])
            : rangeText({ from: i === 1 ? least : (edges[i - 1] ?? least), to: edges[i] ?? largest, isFirst: i === 1 });
    return { cell: name, reference, current: shown.current[i] ?? 0 };
  });
}

/** The first range includes its lower end. */
function rangeText({ from, to, isFirst }: { readonly from: number; readonly to: number; readonly isFirst: boolean }) {
  if (from === to) return String(to);
  const width = to - from;
  const ends = [boundText(from, width, isFirst ? 'down' : 'up'), boundText(to, width, 'up')];
  return ends.join(' … ');
}

const categoryCells = (cells: ColumnCells): readonly NamedCell[] =>
  cells.reference.map((reference, i) => ({
    cell: cellName(cells, i),
    reference,
    current: cells.current[i] ?? 0,
  }));

function cellName(cells: ColumnCells, i: number): string {
  const value = cells.values[i];
  return value === undefined ? 'other' : cells.isHashed === true ? value : valueText(value);
}

/** The value itself, in quotes if it would be invisible or could be taken for one of our own names. */
function valueText(value: string): string {
  const quoted = JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
  const isPlain = value.trim() === value && value !== '' && value !== 'missing' && value !== 'other';
  return isPlain ? quoted.slice(1, -1) : quoted;
}

/** One sentence with figures that a person can act on. */
export function explainDrift(
  profiles: { readonly reference: ColumnProfile; readonly current: ColumnProfile },
  cells: ColumnCells,
  { moved, unseen }: { readonly moved: readonly MovedCell[]; readonly unseen: Unseen | undefined },
): string {
  const medianOf = ({ numeric }: ColumnProfile): number | undefined =>
    cells.kind === 'numeric' ? medianLow(numeric?.quantiles ?? []) : undefined;
  const [was, is] = [medianOf(profiles.reference), medianOf(profiles.current)];
  const middle =
    was === undefined || is === undefined || was === is
      ? []
      : [`the median went from ${pairText(was, is).join(' to ')}`];
  const first = moved[0];
  const cell =
    first === undefined
      ? []
      : [`${first.cell}: ${percentText(first.before)} of the rows, now ${percentText(first.after)}`];
  const news =
    unseen !== undefined && unseen.share > unseen.limit && unseen.share >= LEAST_MOVE
      ? [`${percentText(unseen.share)} of the values are new (${percentText(unseen.expected)} expected)`]
      : [];
  return [...middle, ...news, ...cell].join('; ');
}

export const explainRate = ({ value, before, after }: ValueRate): string =>
  `${valueText(value)}: ${percentText(before)} of the values, now ${percentText(after)}`;

export const explainMissing = ({ before, after, isNotFinite }: MissingShare): string =>
  `${percentText(after)} of the values are missing${isNotFinite ? ' or not finite' : ''}, it was ${percentText(before)}`;

export const explainUnseen = ({ share, expected }: Unseen): string =>
  `${percentText(share)} of the values are new; ${percentText(expected)} were expected to be`;
