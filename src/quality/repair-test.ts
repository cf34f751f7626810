import { alignCategories, quantileDistance, totalVariation } from '../domain/distribution.js';
import type { Finding } from '../domain/finding.js';
import type { CategoryProfile, ColumnProfile } from '../domain/profile.js';
import { makeFinding, number } from './finding.js';

/** A distance worth explaining: below it the column is not moving. */
const GATE_KS = 0.1;
const GATE_TVD = 0.05;
/** A repair must take the distance to this share of what it was … */
const RESIDUAL = 0.3;
/** … and one by a factor that a season can mimic (¼ to 4) to this. */
const SMALL_FACTOR_RESIDUAL = 0.05;

interface Repair {
  readonly name: string;
  readonly factor: number;
  readonly cause: string;
}

const UNIT_FACTORS: readonly (readonly [number, string, string])[] = [
  [1.609344, 'kilometres', 'miles'],
  [0.3048, 'metres', 'feet'],
  [2.54, 'centimetres', 'inches'],
  [0.45359237, 'kilograms', 'pounds'],
  [60, 'seconds', 'minutes'],
  [3600, 'seconds', 'hours'],
  [86400, 'seconds', 'days'],
  [24, 'hours', 'days'],
  [7, 'days', 'weeks'],
  [12, 'months', 'years'],
  [1.024, '1000s', '1024s'],
  ...[1, 2, 3, 4, 5, 6].map((power) => [10 ** power, `${10 ** -power} units`, 'units'] as const),
];

/** Both directions of each factor, and the sign. */
const REPAIRS: readonly Repair[] = [
  ...UNIT_FACTORS.flatMap(([factor, from, to]): readonly Repair[] => [
    { name: `divide by ${factor} (${from} to ${to})`, factor: 1 / factor, cause: `${from} where ${to} were expected` },
    { name: `multiply by ${factor} (${to} to ${from})`, factor, cause: `${to} where ${from} were expected` },
  ]),
  { name: 'change the sign', factor: -1, cause: 'a flipped sign' },
];

/**
 * The repair test: a drift that a trivial repair removes was a bug, not a changed world. Works on kept quantiles and
 * values, so it costs nothing per row. `noDriftLimit`: distance of two windows of these sizes when nothing changed.
 */
export function findRepair(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: { readonly dataset?: string; readonly noDriftLimit: number },
): Finding | undefined {
  const found =
    reference.numeric !== undefined && current.numeric !== undefined
      ? scaleRepair(reference.numeric.quantiles, current.numeric.quantiles, options.noDriftLimit)
      : reference.categories !== undefined && current.categories !== undefined
        ? spellingRepair(reference.categories, current.categories)
        : undefined;
  if (found === undefined) return undefined;
  return makeFinding({
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    column: current.name,
    severity: 'error',
    rows: current.rows - current.missing,
    ...found,
  });
}

type Fault = Pick<Finding, 'code' | 'detail' | 'likelyCause' | 'repair' | 'evidence'>;

function scaleRepair(
  reference: readonly number[],
  current: readonly number[],
  noDriftLimit: number,
): Fault | undefined {
  const distance = quantileDistance(reference, current);
  if (distance < GATE_KS) return undefined;
  const tried = REPAIRS.map((repair) => ({
    repair,
    residual: quantileDistance(reference, scale(current, repair.factor)),
  }));
  const best = tried.reduce((a, b) => (b.residual < a.residual ? b : a));
  const magnitude = Math.abs(best.repair.factor);
  const isSmall = magnitude > 0.25 && magnitude < 4 && best.repair.factor > 0;
  const accepted = isSmall
    ? best.residual <= noDriftLimit || best.residual <= SMALL_FACTOR_RESIDUAL * distance
    : best.residual < GATE_KS && best.residual <= RESIDUAL * distance;
  if (!accepted) return undefined;
  return {
    code: best.repair.factor === -1 ? 'sign-flipped' : 'scaled',
    detail: `the drift (KS ${number(distance)}) falls to ${number(best.residual)} when the values are repaired: ${best.repair.name}`,
    likelyCause: best.repair.cause,
    repair: best.repair.name,
    evidence: { distance, residual: best.residual, factor: best.repair.factor },
  };
}

const scale = (quantiles: readonly number[], factor: number): readonly number[] => {
  const scaled = quantiles.map((value) => value * factor);
  return factor < 0 ? scaled.reverse() : scaled;
};

const SPELLINGS: readonly (readonly [string, (value: string) => string, string])[] = [
  ['trim the spaces', (value) => value.trim(), 'padding'],
  ['fold the case', (value) => value.toLowerCase(), 'another upper and lower case'],
  ['trim and fold the case', (value) => value.trim().toLowerCase(), 'padding and another case'],
  ['drop a trailing ".0"', (value) => value.replace(/\.0$/, ''), 'whole numbers written as decimals'],
];

function spellingRepair(reference: CategoryProfile, current: CategoryProfile): Fault | undefined {
  const distance = totalVariation(alignCategories(reference, current));
  if (distance < GATE_TVD) return undefined;
  for (const [name, respell, cause] of SPELLINGS) {
    const residual = totalVariation(alignCategories(merge(reference, respell), merge(current, respell)));
    if (residual > RESIDUAL * distance || residual > GATE_KS) continue;
    return {
      code: 'respelled',
      detail: `the drift (total variation ${number(distance)}) falls to ${number(residual)} when the values are repaired: ${name}`,
      likelyCause: cause,
      repair: name,
      evidence: { distance, residual },
    };
  }
  return undefined;
}

function merge(categories: CategoryProfile, respell: (value: string) => string): CategoryProfile {
  const counts = new Map<string, number>();
  for (const { value, count } of categories.top) counts.set(respell(value), (counts.get(respell(value)) ?? 0) + count);
  return { ...categories, top: [...counts].map(([value, count]) => ({ value, count })) };
}
