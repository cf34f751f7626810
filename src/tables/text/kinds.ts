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
  /** Digits that no number would keep: `007`, `+4930`, `71E26`, 40 digits, `12345678901234567.89`, `1e-400`. */
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
  /** A whole number that fits 64 bits and that a double would round: `9007199254740993`. */
  exactInteger: 14,
  /** The same with up to 38 digits. */
  exactBigInteger: 15,
} as const;

export const KINDS = 16;

/** Whole numbers that only types of whole numbers keep. */
export const EXACT: readonly number[] = [KIND.exactInteger, KIND.exactBigInteger];
/** All whole numbers that fit 64 bits, and all others. */
export const SMALL_INTEGERS: readonly number[] = [KIND.integer, KIND.exactInteger];
export const INTEGERS: readonly number[] = [...SMALL_INTEGERS, KIND.bigInteger, KIND.exactBigInteger];
export const NUMBERS: readonly number[] = [...INTEGERS, KIND.real, KIND.notFinite];

/** What is said of a value beside its kind: bits that are added to it. */
export const MARK = {
  /** A time with parts of a microsecond. */
  fine: 32,
  /** A date outside the years that a count of nanoseconds reaches. */
  far: 64,
} as const;

/** The bits of a kind. */
export const KIND_BITS = 31;
