/** Numbers of at most this many characters are not rounded. */
const SHORT = 10;
const LEAST_DIGITS = 4;
const MOST_DIGITS = 17;
/** Rounding moves a bound by at most this part of its range, … */
const BOUND_STEPS = 2000;
/** … and by at most this part of its own value, so that it keeps its sign and size next to wide ranges. */
const BOUND_PARTS = 1e6;

/** Two different values, with enough digits to show their difference: rounding changes either by at most 1 % of it. */
export function pairText(was: number, is: number): readonly [string, string] {
  const most = Math.abs(was - is) / 100;
  for (let digits = LEAST_DIGITS; digits < MOST_DIGITS; digits++) {
    const [a, b] = [Number(was.toPrecision(digits)), Number(is.toPrecision(digits))];
    if (Math.abs(a - was) <= most && Math.abs(b - is) <= most) return [shortest(was, a), shortest(is, b)];
  }
  return [String(was), String(is)];
}

/** A number with four digits; unrounded if it is whole or no longer than that. */
export const figureText = (value: number): string => shortest(value, Number(value.toPrecision(LEAST_DIGITS)));

const shortest = (exact: number, rounded: number): string =>
  String(exact).length <= SHORT || Number.isInteger(exact) ? String(exact) : String(rounded);

/**
 * A bound of a range of values: exact if it is short, otherwise rounded by a small part of the range's width and of
 * itself. Upper bounds belong to their range, so both ends of a range are rounded up. Then values equal to an edge stay
 * on their side.
 */
export function boundText(value: number, width: number, direction: 'up' | 'down'): string {
  if (String(value).length <= SHORT || !(width > 0) || !Number.isFinite(width)) return String(value);
  const decimals = Math.ceil(-Math.log10(Math.min(width / BOUND_STEPS, Math.abs(value) / BOUND_PARTS)));
  const scale = 10 ** decimals;
  const scaled = direction === 'up' ? Math.ceil(value * scale) : Math.floor(value * scale);
  const rounded = Number((scaled / scale).toPrecision(15));
  const isOnItsSide = direction === 'up' ? rounded >= value : rounded <= value;
  return Number.isFinite(rounded) && isOnItsSide ? String(rounded) : String(value);
}
