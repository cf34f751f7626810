/**
 * Rounds for reading: no decimals for large figures, four for usual ones, three significant digits for very small ones.
 */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  return String(size < 0.001 ? Number(value.toPrecision(3)) : Number(value.toFixed(4)));
};

/** A figure that is compared with a limit: with enough digits to differ from it, unless it is the limit. */
export function figureBeside(value: number, limit: number): string {
  if (value === limit || figure(value) !== figure(limit)) return figure(value);
  for (let digits = 5; digits < 17; digits++) {
    const text = Number(value.toPrecision(digits));
    if (text !== Number(limit.toPrecision(digits))) return String(text);
  }
  return String(value);
}

/** A figure with its sign. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;

/** What figures about 1 leave over where exactly nothing should be left, such as 0.1 + 0.2 − 0.3. */
const LEAST_EXCESS = 5e-16;

/** How far a value goes beyond a limit counts only above rounding errors: 0.7 − 0.2 keeps a limit of 0.5. */
export const isBeyond = (excess: number, limit: number): boolean =>
  excess > Math.max(LEAST_EXCESS, 1e-12 * Math.abs(limit));
