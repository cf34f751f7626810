import { quantileDistance } from '../../../statistics/distribution.js';
import { type Compared, isPack, isUnitOf } from '../compared.js';
import { type Fault, unclear } from '../fault.js';
import { number, percent } from '../finding.js';
import { type ColumnPast, ksLimit, presentRows, seenRange } from '../past.js';
import { jointOf } from '../row-evidence.js';
import { gridVerdict } from './decimal-grid.js';
import { allows, fitFactor, widthOf } from './factor-fit.js';
import { bestPart, isPartOnly, type Part } from './mixture.js';
import { broken, type Repair, repairsFor } from './repairs.js';
import { findStrangers, rounded, type Strangers } from './strangers.js';
import { dimensionOf, mayBeNegative } from './unit-names.js';

/**
 * The mixture must leave at most this share of the distance. It is strict because the share of faulty rows is fitted as
 * well.
 */
const PART_RESIDUAL = 0.2;
/** Factors next to the unit's own that are tried, and the range in which good fits must lie, as logarithms. */
const NEIGHBOURS = Array.from({ length: 31 }, (_, i) => (i - 15) * 0.05);
const NARROW = 0.13;
/** A fit counts as good if it is worse than the best by less than this share of sampling. */
const AS_GOOD = 0.15;
/** Above this share of rows, the repair of all rows has already been tried. */
const ALL_ROWS = 0.9;
/** Share of the strangers that the repair must turn into values of the column. */
const FIT = 0.9;
/** Strangers in fewer rows, or with fewer different values, fit by chance. */
const LEAST_COUNT = 10;
const LEAST_DISTINCT = 4;
const LEAST_SHARE = 0.002;
/** If the grid has moved with them, the strangers' distribution may differ this much from the reference's. */
const GRID_KS = 0.3;
/**
 * For large factors: the largest width of the interval of the strangers' own factor (±15 %), and the tolerance beside
 * it.
 */
const WIDEST_FIT = 0.3;
const TOLERANCE = 0.03;
/** If the fitted share exceeds one by more than sampling, another fault is present. */
const MOST_SHARE = 1.2;
/**
 * The fault must move at least this share of the column's values out of its range. Otherwise strangers are no evidence
 * of it.
 */
const LEAST_OUTSIDE = 0.02;
const WHOLE = 0.95;

type Says = 'fault' | 'unclear' | 'neither';

/**
 * Tests a repair of some of the rows: the window as a mixture of the column as it was and as the fault would make it.
 */
export function testPartRepairs(column: ColumnPast, repairs: readonly Repair[], compared: Compared): Fault | undefined {
  const { reference, current, distance } = compared;
  const tried = repairs
    .filter(isAffine)
    .flatMap((repair) => {
      const part = bestPart(reference, broken(reference, repair), current);
      return part === undefined || part.residual > PART_RESIDUAL * distance ? [] : [{ repair, part }];
    })
    .sort((a, b) => a.part.residual - b.part.residual);
  const judged = tried.map((one) => ({ ...one, says: judgePart(column, one, compared) }));
  const best = judged.find((one) => one.says === 'fault') ?? judged.find((one) => one.says === 'unclear');
  if (best === undefined) return undefined;
  const fault = partFault(column, best, compared);
  return best.says === 'fault' ? fault : unclear(fault, worldOf(best.part.share));
}

const isAffine = ({ factor, dimension }: Repair): boolean => factor !== undefined || dimension === 'temperature';

function judgePart(
  column: ColumnPast,
  { repair, part }: { readonly repair: Repair; readonly part: Part },
  compared: Compared,
): Says {
  const strangers = findStrangers(column);
  const grid = strangers === undefined ? 'silent' : strangerGrid(strangers, repair);
  if (grid === 'moved') return isPack(repair, column) ? 'unclear' : 'fault';
  const joint = jointOf(column.rows, column.now.name, repair.undo, part.share);
  if (joint === 'world') return 'neither';
  if (grid === 'stayed') {
    // No conversion, but a scale that shows another unit has its own grid.
    const isReadAnew = isUnitOf(repair, column.now.name) && part.share <= ALL_ROWS && isNarrow(repair, compared);
    return isReadAnew ? 'unclear' : 'neither';
  }
  if (repair.isLarge) return strangers !== undefined && isCertain(strangers, repair) ? 'fault' : 'unclear';
  if (part.share > ALL_ROWS || !isNarrow(repair, compared)) return 'neither';
  return joint === 'fault' ? 'fault' : 'unclear';
}

/** Whether the strangers' grid has moved, or the repaired strangers are exactly the column's few values. */
function strangerGrid(strangers: Strangers, repair: Repair): 'moved' | 'stayed' | 'silent' {
  const verdict = gridVerdict(strangers.reference, strangers.values, { back: repair.apply, forth: repair.undo });
  if (verdict !== 'silent' || strangers.known === undefined || repair.code === 'sign-flipped') return verdict;
  const back = new Set(strangers.values.map((value) => rounded(repair.apply(value))));
  const hits = [...back].filter((value) => strangers.known?.has(value)).length;
  return back.size >= LEAST_DISTINCT && hits >= FIT * back.size ? 'moved' : 'silent';
}

/** Whether only the unit's own factor, and few next to it, explain the window as well as the best. */
function isNarrow(repair: Repair, { reference, current, sampling }: Compared): boolean {
  if (repair.factor === undefined || repair.factor < 0) return true;
  const tried = NEIGHBOURS.map((step) => {
    const made = reference.map((value) => repair.undo(value) * Math.exp(step));
    return { step, residual: bestPart(reference, made, current)?.residual ?? 1 };
  });
  const least = Math.min(...tried.map((one) => one.residual));
  const good = tried.filter((one) => one.residual <= least + AS_GOOD * sampling).map((one) => Math.abs(one.step));
  return Math.min(...good) < 0.01 && Math.max(...good) <= NARROW;
}

/** Whether the strangers' own factor is known well and equals the unit's. */
function isCertain(strangers: Strangers, repair: Repair): boolean {
  const made = broken(strangers.reference, repair).filter(strangers.is);
  const fit = fitFactor(made, strangers.values, { reference: made.length, current: strangers.rows });
  return fit !== undefined && widthOf(fit) <= WIDEST_FIT && allows(fit, 1, TOLERANCE);
}

function partFault(
  column: ColumnPast,
  { repair, part }: { readonly repair: Repair; readonly part: Part },
  { distance }: Compared,
): Fault {
  const { min, max } = seenRange(column);
  const only = part.share < WHOLE ? 'but not the others, ' : '';
  return {
    code: repair.code,
    severity: 'error',
    detail: `about ${percent(part.share)} of the values, ${only}fit when repaired (KS ${number(distance)} falls to ${number(part.residual)}): ${repair.name}`,
    likelyCause: repair.cause,
    repair: repair.name,
    rows: Math.round(part.share * presentRows(column.now)),
    selects: { kind: 'outside', column: column.now.name, lower: min, upper: max },
    evidence: { distance, residual: part.residual, factor: repair.factor, share: part.share },
  };
}

const worldOf = (share: number): string =>
  `about ${percent(share)} of the rows are of another kind than before: new goods, customers or places`;

/**
 * Finds a fault in some rows by values that the column never had: repaired, they are values of the column. This also
 * works without drift, so it finds faults in few rows and faults that a season hides.
 */
export function testStrangers(column: ColumnPast): Fault | undefined {
  const all = findStrangers(column);
  const found = all === undefined ? undefined : repairStrangers(column, all);
  if (found?.severity === 'error' || all?.known === undefined) return found;
  const placed = findStrangers(column, { isByPlace: true });
  const other = placed === undefined ? undefined : repairStrangers(column, placed);
  return other?.severity === 'error' ? other : (found ?? other);
}

function repairStrangers(column: ColumnPast, strangers: Strangers): Fault | undefined {
  const isEnough = strangers.share >= LEAST_SHARE && strangers.rows >= LEAST_COUNT;
  if (!isEnough || new Set(strangers.values).size < LEAST_DISTINCT) return undefined;
  const repairs = repairsFor(dimensionOf(column.now.name), strangers.reference).filter(isAffine);
  const judged = repairs
    .flatMap((repair) => {
      const found = judgeStrangers(column, strangers, repair);
      return found.says === 'neither' ? [] : [{ repair, ...found }];
    })
    .sort((a, b) => a.distance - b.distance);
  const best = judged.find((one) => one.says === 'fault') ?? judged[0];
  if (best === undefined) return undefined;
  const fault = strangerFault(column, strangers, best.repair);
  return best.says === 'fault' ? fault : unclear(fault, worldOf(strangers.share));
}

function judgeStrangers(
  column: ColumnPast,
  strangers: Strangers,
  repair: Repair,
): { readonly says: Says; readonly distance: number } {
  const neither = { says: 'neither' as const, distance: 1 };
  const made = broken(strangers.reference, repair);
  const outside = made.filter(strangers.is);
  if (outside.length < LEAST_OUTSIDE * made.length) return neither;
  const share = (strangers.share * made.length) / outside.length;
  const back = strangers.values.map(repair.apply);
  const fitting = back.filter((value) => value >= strangers.min && value <= strangers.max).length;
  if (share > MOST_SHARE || fitting < FIT * strangers.values.length) return neither;
  const distance = quantileDistance(outside, strangers.values);
  const grid = strangerGrid(strangers, repair);
  const limit = ksLimit(strangers.rows, (presentRows(column.before) * outside.length) / made.length);
  if (grid === 'stayed' || distance > Math.max(GRID_KS, limit)) return neither;
  if (grid === 'moved') return { says: isPack(repair, column) ? 'unclear' : 'fault', distance };
  if (distance > limit || !isPartOnly(column, made, share)) return neither;
  const joint = jointOf(column.rows, column.now.name, repair.undo, Math.min(1, share));
  if (joint === 'world') return neither;
  // A profit can become a loss of the same size, and turns all relations round as well.
  const mayTurn = repair.code === 'sign-flipped' && share >= WHOLE && mayBeNegative(column.now.name);
  const isFault = !mayTurn && (joint === 'fault' || (repair.isLarge && isCertain(strangers, repair)));
  return { says: isFault ? 'fault' : 'unclear', distance };
}

function strangerFault({ now }: ColumnPast, strangers: Strangers, repair: Repair): Fault {
  const { share, rows, min, max, values } = strangers;
  const outside = values.filter((value) => value < min || value > max).length;
  return {
    code: repair.code,
    severity: 'error',
    detail: `${percent(share)} of the values are none that the column ever had, and are such when repaired: ${repair.name}`,
    likelyCause: repair.cause,
    repair: repair.name,
    rows,
    selects:
      share > WHOLE
        ? { kind: 'present', column: now.name }
        : outside < FIT * values.length
          ? undefined
          : { kind: 'outside', column: now.name, lower: min, upper: max },
    evidence: { share, factor: repair.factor },
  };
}
