import type { Quantiles } from '../../../statistics/distribution.js';
import type { Dimension } from './unit-names.js';

/** A simple change of every value that would undo a fault upstream. */
export interface Repair {
  readonly name: string;
  readonly cause: string;
  readonly code: 'scaled' | 'sign-flipped' | 'transformed' | 'shifted';
  /** From the delivered values to the right ones. */
  readonly apply: (value: number) => number;
  /** The fault itself: from the right values to the delivered ones. */
  readonly undo: (value: number) => number;
  readonly factor?: number;
  /** What a column must measure for this repair to make sense. Absent if it suits any column. */
  readonly dimension?: Dimension;
  /** Whether the world can hardly cause the same change: a factor of at least 49, or its inverse. */
  readonly isLarge: boolean;
}

type UnitRow = readonly [factor: number, small: string, large: string, dimension: Dimension];

/** `factor` small units make one large unit. */
const UNITS: readonly UnitRow[] = [
  [1.609344, 'kilometres', 'miles', 'length'],
  [1 / 0.3048, 'feet', 'metres', 'length'],
  [2.54, 'centimetres', 'inches', 'length'],
  [1 / 0.45359237, 'pounds', 'kilograms', 'mass'],
  [60, 'seconds', 'minutes', 'time'],
  [3600, 'seconds', 'hours', 'time'],
  [86_400, 'seconds', 'days', 'time'],
  [24, 'hours', 'days', 'time'],
  [7, 'days', 'weeks', 'time'],
  [12, 'months', 'years', 'time'],
  [1.024, '1000s', '1024s', 'data'],
  [8, 'bits', 'bytes', 'data'],
];

/** Units that are proposed only if the column's name says that it measures such a thing. */
const RARE_UNITS: readonly UnitRow[] = [
  [25.4, 'millimetres', 'inches', 'length'],
  [30.48, 'centimetres', 'feet', 'length'],
  [1 / 0.0254, 'inches', 'metres', 'length'],
  [1609.344, 'metres', 'miles', 'length'],
  [1.852, 'kilometres', 'nautical miles', 'length'],
  [28.349523125, 'grams', 'ounces', 'mass'],
  [453.59237, 'grams', 'pounds', 'mass'],
  [16, 'ounces', 'pounds', 'mass'],
  [60_000, 'milliseconds', 'minutes', 'time'],
  [1440, 'minutes', 'days', 'time'],
  [365.25, 'days', 'years', 'time'],
  [1024, 'kibibytes', 'mebibytes', 'data'],
  [1_048_576, 'bytes', 'mebibytes', 'data'],
  [1.609344, 'kilometres per hour', 'miles per hour', 'speed'],
  [1.852, 'kilometres per hour', 'knots', 'speed'],
  [3.6, 'kilometres per hour', 'metres per second', 'speed'],
  [1 / 0.44704, 'miles per hour', 'metres per second', 'speed'],
  [3.6 / 1.852, 'knots', 'metres per second', 'speed'],
  [33.863886, 'hectopascals', 'inches of mercury', 'pressure'],
  [1.33322387, 'hectopascals', 'millimetres of mercury', 'pressure'],
  [6.89475729, 'kilopascals', 'psi', 'pressure'],
  [14.5037738, 'psi', 'bar', 'pressure'],
  [101.325, 'kilopascals', 'atmospheres', 'pressure'],
  [1013.25, 'hectopascals', 'atmospheres', 'pressure'],
  [3.785411784, 'litres', 'gallons', 'volume'],
  [4.54609, 'litres', 'imperial gallons', 'volume'],
  [3.6, 'megajoules', 'kilowatt hours', 'energy'],
  [4.184, 'kilojoules', 'kilocalories', 'energy'],
  [180 / Math.PI, 'degrees', 'radians', 'angle'],
];

const LARGE = Math.log(49);

const scaling = (factor: number, name: string, cause: string, dimension?: Dimension): Repair => ({
  name,
  cause,
  code: 'scaled',
  factor,
  dimension,
  apply: (value) => value * factor,
  undo: (value) => value / factor,
  isLarge: Math.abs(Math.log(factor)) > LARGE,
});

const bothWays = ([factor, small, large, dimension]: UnitRow): readonly Repair[] => [
  scaling(
    1 / factor,
    `divide by ${figure(factor)} (${small} to ${large})`,
    `${small} where ${large} were expected`,
    dimension,
  ),
  scaling(
    factor,
    `multiply by ${figure(factor)} (${large} to ${small})`,
    `${large} where ${small} were expected`,
    dimension,
  ),
];

const figure = (value: number): string => String(Number(value.toPrecision(9)));

/** A moved decimal point is possible in any column. */
const DECIMALS = [1, 2, 3, 4, 5, 6].flatMap((power): readonly Repair[] => {
  const factor = 10 ** power;
  return [
    scaling(
      1 / factor,
      `divide by ${factor}`,
      `values ${factor} times too large: another unit or a lost decimal point`,
    ),
    scaling(factor, `multiply by ${factor}`, `values ${factor} times too small: another unit`),
  ];
});

const SCALINGS: readonly Repair[] = [...UNITS.flatMap(bothWays), ...DECIMALS];
const RARE_SCALINGS: readonly Repair[] = RARE_UNITS.flatMap(bothWays);

const transform = (
  name: string,
  cause: string,
  apply: (value: number) => number,
  undo: (value: number) => number,
  dimension?: Dimension,
): Repair => ({ name, cause, code: 'transformed', apply, undo, dimension, isLarge: false });

const toCelsius = (value: number): number => (value - 32) / 1.8;
const toFahrenheit = (value: number): number => value * 1.8 + 32;
const ZERO_C = 273.15;

const DEGREES: readonly Repair[] = [
  transform('from °F to °C', '°F where °C were expected', toCelsius, toFahrenheit, 'temperature'),
  transform('from °C to °F', '°C where °F were expected', toFahrenheit, toCelsius, 'temperature'),
  transform(
    'from kelvin to °C',
    'kelvin where °C were expected',
    (value) => value - ZERO_C,
    (value) => value + ZERO_C,
    'temperature',
  ),
  transform(
    'from °C to kelvin',
    '°C where kelvin were expected',
    (value) => value + ZERO_C,
    (value) => value - ZERO_C,
    'temperature',
  ),
];

const LOGARITHMS: readonly Repair[] = [
  transform('take the logarithm', 'exp() applied once more, or log() left out', Math.log, Math.exp),
  transform('take exp()', 'log() applied once more', Math.exp, Math.log),
  transform('take exp() − 1', 'log(1 + x) applied once more', Math.expm1, Math.log1p),
  transform(
    'take 10 to its power',
    'log10() applied once more',
    (value) => 10 ** value,
    (value) => Math.log10(value),
  ),
  transform(
    'take the base-10 logarithm',
    'log10() left out',
    (value) => Math.log10(value),
    (value) => 10 ** value,
  ),
];

/** Shares of the opposite: of those who do not, instead of those who do. */
const OPPOSITES = [1, 100].map((whole) => ({
  whole,
  repair: transform(
    `subtract from ${whole}`,
    'the share of the opposite',
    (value) => whole - value,
    (value) => whole - value,
  ),
}));

/** Opposites for shares: values from 0 to the whole, some of them close to one of the ends. */
const oppositesFor = (reference: Quantiles): readonly Repair[] => {
  const [low, high] = [reference[0] ?? 0, reference.at(-1) ?? 0];
  return OPPOSITES.filter(
    ({ whole }) => low >= 0 && high <= whole && high > whole / 10 && (low <= 0.1 * whole || high >= 0.9 * whole),
  ).map((one) => one.repair);
};

const SIGN: Repair = {
  name: 'change the sign',
  cause: 'a flipped sign',
  code: 'sign-flipped',
  factor: -1,
  apply: (value) => -value,
  undo: (value) => -value,
  isLarge: false,
};

/**
 * Repairs that make sense for a column. With a known dimension: its own units and moved decimal points. Without one:
 * the common units, moved decimal points, and degrees if its values could be degrees.
 */
export function repairsFor(dimension: Dimension | undefined, reference: Quantiles): readonly Repair[] {
  const known = dimension === undefined ? SCALINGS : [...SCALINGS, ...RARE_SCALINGS];
  const scalings = known.filter((one) => one.dimension === undefined || (dimension ?? one.dimension) === one.dimension);
  const degrees = dimension === 'temperature' || (dimension === undefined && couldBeDegrees(reference)) ? DEGREES : [];
  const opposites = dimension === undefined || dimension === 'share' ? oppositesFor(reference) : [];
  return [...scalings, ...degrees, ...LOGARITHMS, ...opposites, SIGN];
}

/** From the coldest to the hottest of weather, rooms and bodies: in °C or °F, and in kelvin. */
const DEGREE_RANGES = [
  [-80, 140],
  [200, 340],
] as const;

const couldBeDegrees = (values: Quantiles): boolean =>
  DEGREE_RANGES.some(([low, high]) => values.every((value) => value >= low && value <= high));

const HOUR_S = 3600;

/** Shifts by whole hours for a column of moments, in seconds or milliseconds since 1970. */
export function shifts(reference: Quantiles): readonly Repair[] {
  const [low, high] = [reference[0] ?? 0, reference.at(-1) ?? 0];
  const unit = low > 9e8 && high < 1e10 ? HOUR_S : low > 9e11 && high < 1e13 ? HOUR_S * 1000 : undefined;
  if (unit === undefined) return [];
  return HOURS.map((hour) =>
    shift(
      hour,
      (value) => value - hour * unit,
      (value) => value + hour * unit,
    ),
  );
}

const HOURS = Array.from({ length: 29 }, (_, i) => i - 14).filter((hour) => hour !== 0);

const shift = (hour: number, apply: Repair['apply'], undo: Repair['undo']): Repair => ({
  name: `move by ${-hour} h`,
  cause: 'another time zone',
  code: 'shifted',
  apply,
  undo,
  // Clock changes in spring and autumn move people by one hour.
  isLarge: Math.abs(hour) > 1,
});

/** The repaired values in order. Values for which the repair is not defined are left out. */
export const repaired = (quantiles: Quantiles, repair: Repair): Quantiles => mapped(quantiles, repair.apply);

/** The column as it would be if the fault had affected all of it. */
export const broken = (quantiles: Quantiles, repair: Repair): Quantiles => mapped(quantiles, repair.undo);

const mapped = (quantiles: Quantiles, change: (value: number) => number): Quantiles =>
  quantiles
    .map((value) => withoutNoise(change(value)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);

/** Digits that a double holds. */
const DIGITS = 15;
const POWERS = Array.from({ length: 2 * DIGITS }, (_, power) => Number(`1e${power}`));

/** Rounded to the digits that a double holds: 140 × 0.01 is 1.4, which may be the value of many rows. */
export function withoutNoise(value: number): number {
  const perUnit = POWERS[DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)))];
  // Powers above 10^22 are no doubles. Formatting is exact, too, but takes many times longer.
  return perUnit === undefined || perUnit > 1e22
    ? Number(value.toPrecision(DIGITS))
    : Math.round(value * perUnit) / perUnit;
}
