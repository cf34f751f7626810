import type { Quantiles } from '../../statistics/distribution.js';

/** A trivial change of every value that would undo a fault upstream. */
export interface Repair {
  readonly name: string;
  readonly cause: string;
  readonly code: 'scaled' | 'sign-flipped' | 'transformed' | 'shifted';
  readonly apply: (value: number) => number;
  readonly factor?: number;
  /** SQL of the repaired value, `x` standing for the column. */
  readonly sql: string;
  /** A season or a price rise can look like it: it has to explain nearly all. */
  readonly isMimicked: boolean;
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

const scaling = (factor: number, name: string, cause: string): Repair => ({
  name,
  cause,
  code: 'scaled',
  factor,
  apply: (value) => value * factor,
  sql: `x * ${factor}`,
  isMimicked: factor > 0.13 && factor < 8,
});

const SCALINGS = UNIT_FACTORS.flatMap(([factor, from, to]): readonly Repair[] => [
  scaling(1 / factor, `divide by ${factor} (${from} to ${to})`, `${from} where ${to} were expected`),
  scaling(factor, `multiply by ${factor} (${to} to ${from})`, `${to} where ${from} were expected`),
]);

const transform = (name: string, cause: string, sql: string, apply: (value: number) => number): Repair => ({
  name,
  cause,
  code: 'transformed',
  apply,
  sql,
  isMimicked: true,
});

const TRANSFORMS: readonly Repair[] = [
  transform('from °F to °C', '°F where °C were expected', '(x - 32) / 1.8', (value) => (value - 32) / 1.8),
  transform('from °C to °F', '°C where °F were expected', 'x * 1.8 + 32', (value) => value * 1.8 + 32),
  transform('from kelvin to °C', 'kelvin where °C were expected', 'x - 273.15', (value) => value - 273.15),
  transform('from °C to kelvin', '°C where kelvin were expected', 'x + 273.15', (value) => value + 273.15),
  transform('take the logarithm', 'exp() applied once more, or log() left out', 'ln(x)', Math.log),
  transform('take exp()', 'log() applied once more', 'exp(x)', Math.exp),
  transform('take exp() − 1', 'log(1 + x) applied once more', 'exp(x) - 1', Math.expm1),
  transform('take 10 to its power', 'log10() applied once more', 'pow(10, x)', (value) => 10 ** value),
  transform('take the base-10 logarithm', 'log10() left out', 'log10(x)', Math.log10),
];

const SIGN: Repair = {
  name: 'change the sign',
  cause: 'a flipped sign',
  code: 'sign-flipped',
  factor: -1,
  apply: (value) => -value,
  sql: '-x',
  isMimicked: false,
};

export const REPAIRS: readonly Repair[] = [...SCALINGS, ...TRANSFORMS, SIGN];

const HOUR_S = 3600;

/** Whole hours that a column of moments, or of hours of the day, was moved by. */
export function shifts(reference: Quantiles, current: Quantiles): readonly Repair[] {
  const [low, high] = [reference[0] ?? 0, reference.at(-1) ?? 0];
  const isHours = (values: Quantiles): boolean =>
    values.every((value) => Number.isInteger(value) && value >= 0 && value <= 23);
  if (isHours(reference) && isHours(current) && high >= 12)
    return hours().map((hour) =>
      shift(hour, (value) => (((value - hour) % 24) + 24) % 24, `((x - ${hour}) % 24 + 24) % 24`),
    );
  // epoch seconds or milliseconds of this century
  const unit = low > 9e8 && high < 1e10 ? HOUR_S : low > 9e11 && high < 1e13 ? HOUR_S * 1000 : undefined;
  if (unit === undefined) return [];
  return hours().map((hour) => shift(hour, (value) => value - hour * unit, `x - ${hour * unit}`));
}

const hours = (): readonly number[] => Array.from({ length: 29 }, (_, i) => i - 14).filter((hour) => hour !== 0);

const shift = (hour: number, apply: Repair['apply'], sql: string): Repair => ({
  name: `move by ${-hour} h`,
  cause: 'another time zone',
  code: 'shifted',
  apply,
  sql,
  isMimicked: true,
});

/** The values repaired, in order again; what a repair makes of values it cannot take is left out. */
export const repaired = (quantiles: Quantiles, repair: Repair): Quantiles =>
  quantiles
    .map(repair.apply)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);

/** What the column would be had the fault happened to all of it: the inverse, by which a part can be told. */
export function broken(quantiles: Quantiles, repair: Repair): Quantiles | undefined {
  const { factor } = repair;
  if (factor === undefined) return undefined;
  const values = quantiles.map((value) => value / factor);
  return factor < 0 ? values.reverse() : values;
}
