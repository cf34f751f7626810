import type { Finding } from '../../domain/data/finding.js';
import { type Quantiles, quantileDistance } from '../../statistics/distribution.js';
import { identifier, number, percent } from './finding.js';
import { bestPart, type Part } from './mixture.js';
import { type ColumnPast, pastDistance, presentRows } from './past.js';
import type { Fault } from './point-rules.js';
import { broken, REPAIRS, type Repair, repaired, shifts } from './repairs.js';

/** A distance worth explaining: below it the column is not moving. */
const GATE_KS = 0.1;
/** The same where whole numbers have become fractions, which is a sign of its own. */
const FRACTIONS_GATE = 0.04;
/** A repair must take the distance to this share of what it was … */
const RESIDUAL = 0.3;
/** … one that a season can mimic to this, or within the sampling of a drift so large … */
const MIMICKED_RESIDUAL = 0.05;
const MIMICKED_LIMIT_SHARE = 0.2;
/** … and one of a part of the rows, whose size is fitted too, to this. */
const PART_RESIDUAL = 0.2;
/** What takes so much of it away without being enough is worth a word. */
const UNCLEAR_RESIDUAL = 0.5;
/** Columns of fewer values have no shape by which a factor could be told. */
const LEAST_DISTINCT = 8;
const MANY_ZEROS = 0.2;

export interface Explained {
  readonly verdict: 'data-bug' | 'unclear';
  readonly fault: Fault;
}

/**
 * The repair test of a number column: a drift that a trivial repair removes was a bug, not a changed world. Works on kept
 * quantiles, so it costs nothing per row. `undefined`: no repair helps, or nothing needs one.
 */
export function testRepairs(column: ColumnPast): Explained | undefined {
  const { before, now } = column;
  if (before.numeric === undefined || now.numeric === undefined) return undefined;
  const whole = compare(column, before.numeric.quantiles, now.numeric.quantiles);
  if (whole !== undefined) return whole;
  // zeros stay zero whatever is multiplied: where there are many, the others tell
  const zeros = Math.min(before.numeric.zeros / presentRows(before), now.numeric.zeros / presentRows(now));
  if (zeros < MANY_ZEROS) return undefined;
  const others = (values: Quantiles): Quantiles => values.filter((value) => value !== 0);
  return compare(column, others(before.numeric.quantiles), others(now.numeric.quantiles));
}

interface Limits {
  readonly distance: number;
  /** Distance of two windows of these sizes when nothing has changed, one time in a thousand. */
  readonly sampling: number;
  /** What earlier windows of this length had. */
  readonly usual: number;
}

function compare(column: ColumnPast, reference: Quantiles, current: Quantiles): Explained | undefined {
  if (reference.length === 0 || current.length === 0) return undefined;
  const share = (all: Quantiles | undefined, some: Quantiles): number => some.length / Math.max(1, all?.length ?? 0);
  const n = presentRows(column.before) * share(column.before.numeric?.quantiles, reference);
  const m = presentRows(column.now) * share(column.now.numeric?.quantiles, current);
  const limits: Limits = {
    distance: quantileDistance(reference, current),
    sampling: 1.95 * Math.sqrt(1 / n + 1 / m),
    usual: pastDistance(column),
  };
  const gate = hasNewFractions(column) ? FRACTIONS_GATE : GATE_KS;
  if (limits.distance <= Math.max(gate, limits.sampling, limits.usual)) return undefined;
  const distinct = Math.min(new Set(reference).size, new Set(current).size);
  const repairs = [...REPAIRS, ...shifts(reference, current)].filter((one) => distinct >= LEAST_DISTINCT || isFar(one));
  return (
    wholeRepair(column, repairs, { reference, current, limits }) ??
    partRepair(column, repairs, { reference, current, limits })
  );
}

/** A power of 1000 leaves no doubt even where there are only a few values. */
const isFar = ({ factor = 1 }: Repair): boolean => Math.abs(Math.log10(Math.abs(factor))) >= 1.99;

interface Compared {
  readonly reference: Quantiles;
  readonly current: Quantiles;
  readonly limits: Limits;
}

function wholeRepair(column: ColumnPast, repairs: readonly Repair[], compared: Compared): Explained | undefined {
  const { reference, current, limits } = compared;
  const tried = repairs.flatMap((repair) => {
    const values = repaired(current, repair);
    // a repair that most values do not survive explains nothing
    return values.length < current.length * 0.9 ? [] : [{ repair, residual: quantileDistance(reference, values) }];
  });
  // the plainest repair wins where several do as well
  const best = tried.reduce<(typeof tried)[number] | undefined>(
    (found, one) => (found === undefined || one.residual < found.residual - 1e-9 ? one : found),
    undefined,
  );
  if (best === undefined || best.residual > UNCLEAR_RESIDUAL * limits.distance) return undefined;
  const isEnough = best.repair.isMimicked
    ? best.residual <= MIMICKED_RESIDUAL * limits.distance ||
      best.residual <= Math.min(limits.sampling, MIMICKED_LIMIT_SHARE * limits.distance)
    : best.residual <= Math.max(RESIDUAL * limits.distance, Math.min(limits.usual, UNCLEAR_RESIDUAL * limits.distance));
  if (!isEnough && best.repair.isMimicked) return undefined;
  const name = identifier(column.now.name);
  return {
    verdict: isEnough ? 'data-bug' : 'unclear',
    fault: toFault(
      best.repair,
      { distance: limits.distance, residual: best.residual },
      {
        rows: presentRows(column.now),
        sql: `${name} IS NOT NULL`,
      },
    ),
  };
}

/** The repair of some rows only: the window as a mixture of the column as it was and as the fault would make it. */
function partRepair(column: ColumnPast, repairs: readonly Repair[], compared: Compared): Explained | undefined {
  const { reference, current, limits } = compared;
  let best: { readonly repair: Repair; readonly part: Part } | undefined;
  for (const repair of repairs) {
    const made = repair.isMimicked ? undefined : broken(reference, repair);
    if (made === undefined) continue;
    const part = bestPart(reference, made, current);
    if (part !== undefined && (best === undefined || part.residual < best.part.residual)) best = { repair, part };
  }
  if (best === undefined || best.part.residual > PART_RESIDUAL * limits.distance) return undefined;
  const name = identifier(column.now.name);
  const fault = toFault(
    best.repair,
    { distance: limits.distance, residual: best.part.residual },
    { rows: Math.round(best.part.share * presentRows(column.now)), sql: outsideSql(name, column) },
  );
  return {
    verdict: 'data-bug',
    fault: {
      ...fault,
      detail: `about ${percent(best.part.share)} of the values, ${best.part.share < 0.95 ? 'but not the others, ' : ''}fit when repaired (KS ${number(limits.distance)} falls to ${number(best.part.residual)}): ${best.repair.name}`,
      evidence: { ...fault.evidence, share: best.part.share },
    },
  };
}

/** Rows that can be told by themselves: those where the column has never been. */
const outsideSql = (name: string, { before }: ColumnPast): string =>
  `${name} < ${before.numeric?.min ?? 0} OR ${name} > ${before.numeric?.max ?? 0}`;

function toFault(
  repair: Repair,
  { distance, residual }: { readonly distance: number; readonly residual: number },
  where: Pick<Finding, 'rows' | 'sql'> & object,
): Fault {
  return {
    code: repair.code,
    severity: 'error',
    detail: `the drift (KS ${number(distance)}) falls to ${number(residual)} when the values are repaired: ${repair.name}`,
    likelyCause: repair.cause,
    repair: repair.name,
    ...where,
    evidence: { distance, residual, factor: repair.factor },
  };
}

/** A column of whole numbers in which fractions appear. */
export const hasNewFractions = ({ before, now, past }: ColumnPast): boolean =>
  [before, ...past].every((one) => one.type === 'integer') &&
  now.type === 'number' &&
  now.numeric?.quantiles.some((value) => !Number.isInteger(value)) === true;
