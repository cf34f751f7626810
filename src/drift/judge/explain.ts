import type { MovedCell } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import { total } from '../../statistics/distribution.js';
import { type ColumnCells, coarsen } from './cells.js';
import type { Unseen } from './unseen.js';

const SHOWN_CELLS = 3;
/** Moves of a share by less than this are not named. */
const LEAST_MOVE = 0.005;

/** The cells whose share of all rows moved most, with missing values as a cell of their own; largest move first. */
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
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, SHOWN_CELLS);
}

interface NamedCell {
  readonly cell: string;
  readonly reference: number;
  readonly current: number;
}

function numericCells(cells: ColumnCells): readonly NamedCell[] {
  const coarse = coarsen(cells);
  return coarse.reference.map((reference, i) => {
    const [below, edge] = [coarse.edges[i - 1], coarse.edges[i]];
    const name =
      i === 0
        ? `below ${figure(coarse.edges[1] ?? coarse.edges[0] ?? 0)} (under)`
        : edge === undefined
          ? `above ${figure(below ?? 0)} (over)`
          : i === 1
            ? figure(edge)
            : `${figure(below ?? edge)} … ${figure(edge)}`;
    return { cell: name, reference, current: coarse.current[i] ?? 0 };
  });
}

const categoryCells = (cells: ColumnCells): readonly NamedCell[] =>
  cells.reference.map((reference, i) => ({
    cell: cells.values[i] === undefined ? 'other' : shown(cells.values[i] ?? ''),
    reference,
    current: cells.current[i] ?? 0,
  }));

/** One sentence with figures that a person can act on. */
export function explainDrift(
  profiles: { readonly reference: ColumnProfile; readonly current: ColumnProfile },
  moved: readonly MovedCell[],
  unseen: Unseen | undefined,
): string {
  const median = (column: ColumnProfile): number | undefined =>
    column.numeric?.quantiles[Math.floor((column.numeric.quantiles.length - 1) / 2)];
  const [was, is] = [median(profiles.reference), median(profiles.current)];
  const middle =
    was === undefined || is === undefined || was === is ? [] : [`the median went from ${figure(was)} to ${figure(is)}`];
  const first = moved[0];
  const cell =
    first === undefined ? [] : [`${first.cell}: ${percent(first.before)} of the rows, now ${percent(first.after)}`];
  const news =
    unseen !== undefined && unseen.share > unseen.limit && unseen.share >= LEAST_MOVE
      ? [`${percent(unseen.share)} of the values are new (${percent(unseen.expected)} expected)`]
      : [];
  return [...middle, ...news, ...cell].join('; ');
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const shown = (value: string): string =>
  JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value).slice(1, -1);
