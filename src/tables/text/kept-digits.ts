/** Digits of every number that a double gives back, and the most that it is ever written with to be found again. */
const SAFE = 15;
const SHORTEST = 17;
/** The most digits that JavaScript writes of a number. */
const MOST = 100;
/** A number with fewer characters and a point does not come near the smallest double. */
const NEVER_ZERO = 300;

const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/**
 * Whether a number is still the one that was written when a double holds it: its nearest double, written with as many digits, has
 * the same ones, however many a program writes. Below 2^53 digits behind the point may be lost, as those of a third that a
 * database writes with twenty digits; whole units may not. A number with an exponent is a measure: it must not become zero.
 */
export function isKept(text: string): boolean {
  const value = Number(text);
  const [mantissa = '', exponent] = text.toLowerCase().split('e');
  if (value === 0) return !/[1-9]/.test(mantissa);
  if (exponent !== undefined) return true;
  if (mantissa.includes('.') && Math.abs(value) < Number.MAX_SAFE_INTEGER) return true;
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '');
  const written = value.toExponential(Math.min(digits.length, MOST) - 1);
  return digits.length <= SAFE || written.replace(/^-|\.|e.*$/g, '') === digits;
}

/** The same of the digits between two places, without text being made of them where it can be told. */
export function isKeptInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length <= SAFE) return true;
  const endsInZero = bytes[end - 1] === ZERO;
  if (length <= SAFE + 3) {
    const high = 1e9 * numberAt(bytes, start, end - 9);
    const low = numberAt(bytes, end - 9, end);
    // `high` is exact, so what the sum lost of `low` is, too
    if (high + low - high === low) return true;
    if (!endsInZero) return false;
  } else if (!endsInZero && numberAt(bytes, end - 7, end) % 128 !== 0) return false;
  return isKept(String.fromCharCode(...bytes.subarray(start, end)));
}

function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = 10 * value + (bytes[at] as number) - ZERO;
  return value;
}

/**
 * Whether a number with a point is one as programs write doubles: of up to 17 digits, of which up to 15 stand before the point.
 * Most long values are such ones, which their length and the place of their point show.
 */
export function isPlainReal(bytes: Uint8Array, start: number, end: number): boolean {
  const from = bytes[start] === MINUS ? start + 1 : start;
  let point = from;
  while (bytes[point] !== POINT && point < end) point++;
  if (point - from > SAFE || end - start > NEVER_ZERO) return false;
  const isBelowOne = point === from || (bytes[from] === ZERO && point === from + 1);
  let first = isBelowOne ? point + 1 : from;
  while (isBelowOne && bytes[first] === ZERO) first++;
  return end - first - (isBelowOne ? 0 : 1) <= SHORTEST;
}
