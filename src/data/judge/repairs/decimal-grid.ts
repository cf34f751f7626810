/** Fewer different values show no grid. */
const LEAST_VALUES = 8;
const MOST_DECIMALS = 9;
/** A larger double has no room for decimals. */
const LARGEST = 1e13;
/** Log odds beyond chance: one in a million, times three ways to round. */
const EVIDENCE = Math.log(3e6);
/** Whether a value is a multiple of this step. */
export const isOnGrid = (value: number, step: number): boolean => isWhole(value / step);

/** The values have moved with the change if this share of the different ones lie on the changed grid. */
const MOVED = 0.95;
/** They have stayed if less than this share does. */
const STAYED = 0.8;
/** If chance puts more than this share of the values on the grid anyway, neither hits nor misses are evidence. */
const TELLING = 0.75;

/** A change of every value, in both directions. */
export interface ValueMap {
  /** From the current values to those of the reference. */
  readonly back: (value: number) => number;
  /** From the reference's values to the current ones. */
  readonly forth: (value: number) => number;
}

const different = (values: readonly number[]): readonly number[] => [...new Set(values)].filter((value) => value !== 0);

/** Largest number of decimals among these values. `undefined` if a value has more than nine or is too large to say. */
export function decimalsOf(values: readonly number[]): number | undefined {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = 10 ** decimals;
    if (values.some((value) => Math.abs(value * scale) > LARGEST)) return undefined;
    if (values.every((value) => isWhole(value * scale))) return decimals;
  }
  return undefined;
}

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) <= 1e-7 + Math.abs(value) * 2e-15;

/**
 * The smallest decimal step of these values, such as 0.01 for prices in cents. `undefined` for continuous or too few
 * values.
 */
export function decimalStep(values: readonly number[]): number | undefined {
  const distinct = different(values);
  const decimals = distinct.length < LEAST_VALUES ? undefined : decimalsOf(distinct);
  return decimals === undefined ? undefined : 10 ** -decimals;
}

/**
 * The step of which all values are multiples, such as 5 for prices in fives. `undefined` for continuous or too few
 * values.
 */
export function gridStep(values: readonly number[]): number | undefined {
  const step = decimalStep(values);
  if (step === undefined) return undefined;
  const units = different(values).map((value) => Math.abs(Math.round(value / step)));
  return step * units.reduce(greatestCommonDivisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Share of the different values that are multiples of this step. */
export function shareOnGrid(values: readonly number[], step: number): number {
  const distinct = different(values);
  return distinct.length === 0 ? 1 : distinct.filter((value) => isOnGrid(value, step)).length / distinct.length;
}

/**
 * Whether the values lie where this change would have put the reference's grid. A price list that rises by 60 % keeps
 * whole cents; whole miles delivered as kilometres lie 1.609344 apart. `moved`: the change touched each value.
 * `stayed`: it cannot have. `silent`: the grid gives no answer, because there is none or because the changed grid is as
 * fine as the old one.
 */
export function gridVerdict(
  reference: readonly number[],
  current: readonly number[],
  map: ValueMap,
): 'moved' | 'stayed' | 'silent' {
  const step = gridStep(reference);
  const values = different(current);
  if (step === undefined || values.length < LEAST_VALUES) return 'silent';
  const decimals = decimalsOf(values);
  const fine = decimals === undefined ? 0 : 10 ** -decimals;
  const [own, moved] = [gridStep(values) ?? 0, Math.abs(map.forth(step) - map.forth(0))];
  if (isSame(own, moved) && !isSame(own, step)) return 'moved';
  // Values coarser than the change would make them are written in another way.
  if (own > moved * (1 + SAME)) return 'silent';
  // Values from the world would lie on the old grid, or on the file's current decimals.
  const width = shareOnGrid(values, step) >= MOVED ? Math.max(fine, step) : fine;
  const places = values.map((value) => placeOf(value, { step, fine, width, map }));
  const chance = places.reduce((sum, one) => sum + one.chance, 0) / places.length;
  if (chance > TELLING) return 'silent';
  const evidence = places.reduce((sum, one) => sum - Math.log(one.chance), 0);
  const hits = Math.max(...MODES.map((mode) => places.filter((one) => one.fits[mode]).length)) / places.length;
  if (hits >= MOVED && evidence * hits > EVIDENCE) return 'moved';
  return hits < STAYED && evidence > EVIDENCE ? 'stayed' : 'silent';
}

const SAME = 1e-6;
/** False if one of them is infinite, such as a step that is changed by a logarithm. */
const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= SAME * Math.min(a, b);

const MODES = ['nearest', 'down', 'up'] as const;

interface Place {
  /** For each way in which the changed value may have been rounded to the file's decimals. */
  readonly fits: Readonly<Record<(typeof MODES)[number], boolean>>;
  /** Probability that a value of any other origin fits. */
  readonly chance: number;
}

function placeOf(
  value: number,
  {
    step,
    fine,
    width,
    map,
  }: { readonly step: number; readonly fine: number; readonly width: number; readonly map: ValueMap },
): Place {
  const noise = 1e-9 * Math.abs(value) + fine * 1e-6;
  // Less than a whole decimal is cut off. Of large values the noise is a large part of it.
  const whole = fine * (1 - 1e-6);
  const near = Math.round(map.back(value) / step) * step;
  const images = [near - step, near, near + step].map(map.forth);
  const some = (test: (image: number) => boolean): boolean => images.some((image) => test(image));
  const spacing = Math.abs((images[2] ?? 0) - (images[0] ?? 0)) / 2;
  const fits = {
    nearest: some((image) => Math.abs(value - image) <= fine / 2 + noise),
    down: some((image) => image - value >= -noise && image - value < whole),
    up: some((image) => value - image >= -noise && value - image < whole),
  };
  const chance = Number.isFinite(spacing) ? Math.min(1, Math.max(width, 2 * noise) / spacing) : 1;
  return { fits, chance };
}
