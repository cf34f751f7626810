import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type Compared, isPack, isUnitOf, passing } from '../compared.js';
import { type Fault, unclear } from '../fault.js';
import { number } from '../finding.js';
import { type ColumnPast, ksLimit, pastDistance, presentRows } from '../past.js';
import { jointOf } from '../row-evidence.js';
import { gridStep, gridVerdict, shareOnGrid } from './decimal-grid.js';
import { allows, type FactorFit, fitFactor, widthOf } from './factor-fit.js';
import { testPartRepairs } from './part-repair.js';
import { type Repair, repaired, repairsFor, shifts } from './repairs.js';
import { dimensionOf, mayBeNegative } from './unit-names.js';

/** A column with a smaller distance does not drift. */
const GATE_KS = 0.1;
/** The same limit if whole numbers have become fractions, which is a sign of its own. */
const FRACTIONS_GATE = 0.04;
/** If the grid has moved with the values, the repair must leave at most this share of the distance. */
const GRID_RESIDUAL = 0.5;
/** A large factor that leaves at most this share may be a fault beside a drift. */
const LARGE_RESIDUAL = 0.3;
/** Tolerance beside the fitted interval of the factor, as a logarithm: 1 % for small factors, 3 % for large ones. */
const SMALL_TOLERANCE = 0.01;
const LARGE_TOLERANCE = 0.03;
/** A less certain fit (wider than ±17 %) cannot tell a unit from its neighbours. */
const WIDEST_FIT = 0.35;
/** A small factor, which growth may have, needs a narrower one (±6 %). */
const WIDEST_UNIT = 0.12;
/** A drift of this size, as a logarithm, may hide a large factor. */
const LARGE_DRIFT = 0.35;
/** With fewer rows the distribution alone cannot show a factor. */
const LEAST_ROWS = 100;
/** Columns with fewer values have no shape that could show a small factor. */
const LEAST_DISTINCT = 8;
const MANY_ZEROS = 0.2;
/** A repair that is defined for fewer of the values explains nothing. */
const LEAST_SURVIVING = 0.9;

/**
 * Tests whether a simple repair removes the drift of a number column. That alone is `unclear`, because growth, a price
 * rise or a new tariff look the same. It is a fault with further evidence: the decimal grid has moved with the values,
 * or the factor is large and known to a few percent. `undefined` if no repair helps or none is needed.
 */
export function testRepairs(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  if (before.numeric === undefined || now.numeric === undefined) return undefined;
  const whole = compare(column, before.numeric.quantiles, now.numeric.quantiles);
  if (whole !== undefined) return whole;
  // Zeros stay zero under any factor. If there are many, the other values are compared.
  const zeros = Math.min(before.numeric.zeros / presentRows(before), now.numeric.zeros / presentRows(now));
  if (zeros < MANY_ZEROS) return undefined;
  const others = (values: Quantiles): Quantiles => values.filter((value) => value !== 0);
  return compare(column, others(before.numeric.quantiles), others(now.numeric.quantiles));
}

function compare(column: ColumnPast, reference: Quantiles, current: Quantiles): Fault | undefined {
  if (reference.length === 0 || current.length === 0) return undefined;
  const share = (all: Quantiles | undefined, some: Quantiles): number => some.length / Math.max(1, all?.length ?? 0);
  const rows = {
    reference: presentRows(column.before) * share(column.before.numeric?.quantiles, reference),
    current: presentRows(column.now) * share(column.now.numeric?.quantiles, current),
  };
  const distance = quantileDistance(reference, current);
  const sampling = ksLimit(rows.reference, rows.current);
  const usual = pastDistance(column);
  const gate = hasNewFractions(column) ? FRACTIONS_GATE : GATE_KS;
  if (distance <= Math.max(gate, sampling, usual)) return undefined;
  const distinct = Math.min(new Set(reference).size, new Set(current).size);
  const repairs = [...repairsFor(dimensionOf(column.now.name), reference), ...shifts(reference)].filter(
    (one) => distinct >= LEAST_DISTINCT || (one.isLarge && one.code === 'scaled'),
  );
  const compared = { reference, current, rows, distance, sampling, usual };
  return wholeRepair(column, repairs, compared) ?? testPartRepairs(column, repairs, compared);
}

/**
 * The repair of all rows that leaves the least among those that are faults; otherwise the best one that may be a fault.
 */
function wholeRepair(column: ColumnPast, repairs: readonly Repair[], compared: Compared): Fault | undefined {
  const tried = repairs
    .flatMap((repair) => {
      const values = repaired(compared.current, repair);
      if (values.length < compared.current.length * LEAST_SURVIVING) return [];
      return [{ repair, residual: quantileDistance(compared.reference, values) }];
    })
    .filter((one) => one.residual <= GRID_RESIDUAL * compared.distance)
    .sort((a, b) => a.residual - b.residual);
  const judged = tried.map((one) => ({ ...one, says: judgeWhole(column, one, compared) }));
  const best = judged.find((one) => one.says === 'fault') ?? judged.find((one) => one.says === 'unclear');
  if (best === undefined) return undefined;
  const fault = wholeFault(column, best, compared);
  return best.says === 'fault' ? fault : unclear(fault, worldOf(best.repair, compared));
}

interface Tried {
  readonly repair: Repair;
  readonly residual: number;
}

function judgeWhole(column: ColumnPast, tried: Tried, compared: Compared): 'fault' | 'unclear' | 'neither' {
  const { repair, residual } = tried;
  const { reference, current, distance } = compared;
  const grid = gridVerdict(reference, current, { back: repair.apply, forth: repair.undo });
  if (grid === 'stayed') return isReadAnew(column, tried, compared) ? 'unclear' : 'neither';
  if (grid === 'moved') return isPack(repair, column) ? 'unclear' : 'fault';
  if (repair.code === 'sign-flipped') return judgeSign(column, tried, compared);
  const isPassing = residual <= passing(compared);
  if (repair.code === 'shifted') return isPassing ? (repair.isLarge ? 'fault' : 'unclear') : 'neither';
  const isRewritten = isOffGrid(reference, current);
  if (repair.factor === undefined) {
    if (!isPassing) return 'neither';
    const joint = jointOf(column.rows, column.now.name, repair.undo, 1);
    return joint === 'world' ? 'neither' : isRewritten || joint === 'fault' ? 'fault' : 'unclear';
  }
  const fit = fitFactor(reference, current, compared.rows);
  if (fit === undefined) return 'neither';
  const factor = 1 / repair.factor;
  if (!repair.isLarge) return isPassing && allows(fit, factor, SMALL_TOLERANCE) ? 'unclear' : 'neither';
  if (residual > LARGE_RESIDUAL * distance) return 'neither';
  if (isRewritten) return 'fault';
  if (isPassing && isCertain(fit, compared) && allows(fit, factor, LARGE_TOLERANCE)) return 'fault';
  return allows(fit, factor, LARGE_DRIFT) ? 'unclear' : 'neither';
}

/**
 * Whether a measured quantity may have been read in another unit: no conversion, which the grid would show, but a scale or a clock that
 * shows that unit. Growth of just this size looks the same, so the factor must be known to a few percent.
 */
function isReadAnew({ now }: ColumnPast, { repair, residual }: Tried, compared: Compared): boolean {
  if (repair.factor === undefined || !isUnitOf(repair, now.name)) return false;
  const fit = fitFactor(compared.reference, compared.current, compared.rows);
  const widest = repair.isLarge ? WIDEST_FIT : WIDEST_UNIT;
  if (fit === undefined || widthOf(fit) > widest || residual > passing(compared)) return false;
  return allows(fit, 1 / repair.factor, SMALL_TOLERANCE);
}

const isCertain = (fit: FactorFit, { rows }: Compared): boolean =>
  widthOf(fit) <= WIDEST_FIT && Math.min(rows.reference, rows.current) >= LEAST_ROWS;

/** Whether most values lie off the reference's grid, because they are written in another way. */
function isOffGrid(reference: Quantiles, current: Quantiles): boolean {
  const step = gridStep(reference);
  return step !== undefined && shareOnGrid(current, step) < 0.5;
}

/**
 * A column that was never negative and is not positive any more is mirrored. A column that had both signs may have
 * changed its sign, and so may a balance or a temperature, as far as the name says.
 */
function judgeSign(
  column: ColumnPast,
  { repair, residual }: Tried,
  compared: Compared,
): 'fault' | 'unclear' | 'neither' {
  const { before, now, rows } = column;
  // Losses after profits and frost after an autumn can mirror what was there, and all relations with it.
  const fault = mayBeNegative(now.name) ? 'unclear' : 'fault';
  const isOneSided =
    before.numeric?.negatives === 0 && (now.numeric?.max ?? 0) <= 0 && residual <= LARGE_RESIDUAL * compared.distance;
  if (isOneSided) return fault;
  if (residual > passing(compared)) return 'neither';
  const joint = jointOf(rows, now.name, repair.undo, 1);
  return joint === 'fault' ? fault : joint === 'world' ? 'neither' : 'unclear';
}

function wholeFault(
  { now }: ColumnPast,
  { repair, residual }: Tried,
  { reference, current, rows, distance }: Compared,
): Fault {
  const fit = repair.factor === undefined ? undefined : fitFactor(reference, current, rows);
  return {
    code: repair.code,
    severity: 'error',
    detail: `the drift (KS ${number(distance)}) falls to ${number(residual)} when the values are repaired: ${repair.name}`,
    likelyCause: repair.cause,
    repair: repair.name,
    rows: presentRows(now),
    selects: { kind: 'present', column: now.name },
    evidence: {
      distance,
      residual,
      factor: repair.factor,
      ...(fit === undefined
        ? {}
        : { grown: [fit.lower, fit.factor, fit.upper].map((one) => Number(one.toPrecision(6))) }),
    },
  };
}

function worldOf(repair: Repair, { reference, current, rows }: Compared): string {
  if (repair.code === 'sign-flipped') return 'what was received is now paid: the values have turned';
  if (repair.code === 'shifted') return 'the day itself has moved, as opening hours do';
  if (repair.factor === undefined) return 'the values have moved to another level';
  const fit = fitFactor(reference, current, rows);
  return fit === undefined
    ? 'the values have grown or fallen'
    : `the values are ${number3(fit.factor)} times as large (between ${number3(fit.lower)} and ${number3(fit.upper)}): growth, a price or a tariff`;
}

const number3 = (value: number): string => String(Number(value.toPrecision(3)));

/** Whether fractions appear in a column of whole numbers. */
export const hasNewFractions = ({ before, now, past }: ColumnPast): boolean =>
  [before, ...past].every((one) => one.type === 'integer') &&
  now.type === 'number' &&
  now.numeric?.quantiles.some((value) => !Number.isInteger(value)) === true;
