/** What one value of a text file is written like. Numbers, because the scanner counts millions of them in typed arrays. */
export const KIND = {
  empty: 0,
  /** A whole number that fits 64 bits. */
  integer: 1,
  /** A whole number of up to 38 digits: fits 128 bits. */
  bigInteger: 2,
  /** A number with a decimal point or an exponent, finite as a double. */
  real: 3,
  /** `nan`, `inf` and their kin, which DuckDB reads as doubles. */
  notFinite: 4,
  boolean: 5,
  /** Digits that a number would not keep: `007`, `+4930`, `71E26`, 40 digits. */
  code: 6,
  /** `2026-03-01` or `2026/03/01`. */
  date: 7,
  /** An ISO date and a time without an offset. */
  timestamp: 8,
  /** The same with an offset. */
  zoned: 9,
  /** With an offset in a spelling that DuckDB's cast refuses: `10:00Z`, `10:00:00 +0200`. */
  oddlyZoned: 10,
  /** `10:00:00`. */
  time: 11,
  /** Day or month first: `01.03.2026`, `3/1/2026 10:00`. */
  localDate: 12,
  text: 13,
} as const;

export const KINDS = 14;
