import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type Fault, unclear } from '../fault.js';
import { number } from '../finding.js';
import { type ColumnPast, ksLimit, pastDistance, presentRows } from '../past.js';
import { isFigure, isHit, jointVerdict, type RowEvidence } from '../row-evidence.js';
import { gridStep, isOnGrid } from './decimal-grid.js';
import { bestPart } from './mixture.js';
import { areEnds } from './unit-names.js';

const GATE_KS = 0.1;
const RESIDUAL = 0.3;
/** Largest difference between the shares of exchanged rows that the two columns show. */
const SHARE_DIFFERENCE = 0.15;
/** Columns with fewer values may be codes. */
const MEASURED = 100;
/** Two columns are in order if the one is larger in so many more rows than the other, and no longer if that changes so much. */
const ORDERED = 0.98;
const LOST = 0.1;
/** From this share on, all rows are exchanged. */
const WHOLE = 0.95;

/**
 * Two drifting columns that look like each other, where exchanging them removes both drifts. It is a fault if their
 * decimals, or their relations with other columns, were exchanged as well. Otherwise it is `unclear`: two shares may
 * swap in the world. Both ends of a movement do so with all their relations.
 */
export function testExchange(a: ColumnPast, b: ColumnPast): readonly [Fault, Fault] | undefined {
  const [first, second] = [toward(a, b), toward(b, a)];
  if (first === undefined || second === undefined) return undefined;
  if (Math.abs(first.share - second.share) > SHARE_DIFFERENCE) return undefined;
  const joint = jointOf(a, b, (first.share + second.share) / 2);
  if (joint === 'world') return undefined;
  const faults = [
    exchangeFault(a, b, { own: first, other: second }),
    exchangeFault(b, a, { own: second, other: first }),
  ] as const;
  const mayTurn = areEnds(a.now.name, b.now.name) && !isOrderLost(a, b);
  if ((joint === 'fault' && !mayTurn) || haveExchangedGrids(first, second)) return faults;
  const world = mayTurn
    ? `what went from "${a.now.name}" to "${b.now.name}" goes the other way: an evening after a morning`
    : `"${a.now.name}" and "${b.now.name}" have changed places in the world, as shares of a market do`;
  return [unclear(faults[0], world), unclear(faults[1], world)];
}

/**
 * Whether one of two measures was never above the other, as a start is never after its end, and now it is in many rows. Floors
 * and zones have an order only by habit.
 */
function isOrderLost({ rows, now, before }: ColumnPast, b: ColumnPast): boolean {
  if (Math.min(before.distinct, b.before.distinct) < MEASURED) return false;
  const above = (sample: RowEvidence['reference'] | undefined): number => {
    const [own, other] = [sample?.get(now.name) ?? [], sample?.get(b.now.name) ?? []];
    const compared = own.flatMap((one, i) => (isFigure(one) && isFigure(other[i]) ? [Math.sign(one - other[i])] : []));
    const [up, down] = [1, -1].map((sign) => compared.filter((one) => one === sign).length);
    return ((up ?? 0) - (down ?? 0)) / Math.max(1, compared.length);
  };
  const [was, is] = [above(rows?.reference), above(rows?.current)];
  return Math.abs(was) > ORDERED && Math.abs(is - was) > LOST;
}

interface Toward {
  readonly was: Quantiles;
  readonly is: Quantiles;
  readonly share: number;
  readonly residual: number;
  readonly distance: number;
}

function exchangeFault(a: ColumnPast, b: ColumnPast, { own, other }: Readonly<Record<'own' | 'other', Toward>>): Fault {
  return {
    code: 'exchanged',
    severity: 'error',
    detail: `it looks like "${b.now.name}" and that like this (KS ${number(own.distance)} falls to ${number(own.residual)}, there to ${number(other.residual)})`,
    likelyCause: `the columns "${a.now.name}" and "${b.now.name}" were exchanged`,
    repair: `exchange it with "${b.now.name}"`,
    rows: Math.round(own.share * presentRows(a.now)),
    selects: own.share > WHOLE ? { kind: 'present', column: a.now.name } : undefined,
    evidence: { distance: own.distance, residual: own.residual, with: b.now.name, share: own.share },
  };
}

function toward(column: ColumnPast, other: ColumnPast): Toward | undefined {
  const [was, is, made] = [column.before.numeric, column.now.numeric, other.before.numeric];
  if (was === undefined || is === undefined || made === undefined) return undefined;
  const distance = quantileDistance(was.quantiles, is.quantiles);
  const sampling = ksLimit(presentRows(column.before), presentRows(column.now));
  const usual = pastDistance(column);
  if (distance <= Math.max(GATE_KS, sampling, usual)) return undefined;
  const part = bestPart(was.quantiles, made.quantiles, is.quantiles);
  if (part === undefined || part.residual > Math.max(RESIDUAL * distance, Math.min(usual, distance / 2)))
    return undefined;
  return { ...part, distance, was: was.quantiles, is: is.quantiles };
}

/** Whether other columns show that the values were exchanged in this share of the rows. */
function jointOf(a: ColumnPast, b: ColumnPast, share: number): 'fault' | 'world' | 'silent' {
  const { rows } = a;
  const [first, second] = [rows?.reference.get(a.now.name), rows?.reference.get(b.now.name)];
  if (rows === undefined || first === undefined || second === undefined) return 'silent';
  const hit = share > WHOLE ? 1 : share;
  const mixed = (own: typeof first, other: typeof first) =>
    own.map((value, i) => (isHit(i, hit) ? (other[i] ?? null) : value));
  return jointVerdict(
    rows,
    new Map([
      [a.now.name, mixed(first, second)],
      [b.now.name, mixed(second, first)],
    ]),
  );
}

/** Whether the two columns have different decimal grids, and the values off one grid now lie on the other. */
function haveExchangedGrids(a: Toward, b: Toward): boolean {
  const [first, second] = [gridStep(a.was), gridStep(b.was)];
  const isCoarser = second === undefined || (first ?? 0) > second;
  const [coarse, fine, step] = isCoarser ? [a, b, first] : [b, a, second];
  if (step === undefined) return false;
  const onGrid = (values: Quantiles): number => values.filter((value) => isOnGrid(value, step)).length / values.length;
  const [coarseIs, fineWas] = [onGrid(coarse.is), onGrid(fine.was)];
  // Fine values have come into the coarse column, and coarse ones into the fine column.
  return coarseIs < 0.98 && fineWas < 0.95 && onGrid(fine.is) > fineWas + (1 - coarseIs) / 4;
}
