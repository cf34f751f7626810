import { KIND, MARK } from './kinds.js';

const LONGEST_DATE = 40;
const ISO =
  /^ *(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?( ?(?:Z|[+-]\d{2}(?::?\d{2})?)| UTC)?)? *$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?$/;

/** The kind of a value of digits and the characters that dates have, with its marks. */
export function dateKind(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST_DATE) return KIND.text;
  const quick = isoKind(bytes, start, length);
  if (quick !== undefined) return quick;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const iso = ISO.exec(text);
  if (iso !== null) return isoTextKind(text, iso);
  const time = TIME.exec(text);
  if (time !== null) {
    const isOne = isTime(Number(time[1]), Number(time[2]), Number(time[3]));
    return isOne && markOf(time[4]) === 0 ? KIND.time : KIND.text;
  }
  return readLocalDate(text) === undefined ? KIND.text : KIND.localDate;
}

const digit = (bytes: Uint8Array, at: number): number => {
  const value = (bytes[at] ?? 0) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
};

const two = (bytes: Uint8Array, at: number): number => 10 * digit(bytes, at) + digit(bytes, at + 1);

/**
 * The common spellings, without text being made of them: `2026-03-01`, and with `10:00:00`, fractions and `Z` after a `T` or
 * a space. Undefined for others.
 */
function isoKind(bytes: Uint8Array, at: number, length: number): number | undefined {
  if (length < 10 || bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return undefined;
  const year = 100 * two(bytes, at) + two(bytes, at + 2);
  if (!isDay(year, two(bytes, at + 5), two(bytes, at + 8))) return undefined;
  const far = farMark(year);
  if (length === 10) return KIND.date | far;
  if (length < 19 || bytes[at + 13] !== 58 || bytes[at + 16] !== 58) return undefined;
  if (bytes[at + 10] !== 32 && bytes[at + 10] !== 84) return undefined;
  if (!isTime(two(bytes, at + 11), two(bytes, at + 14), two(bytes, at + 17))) return undefined;
  const rest = restKind(bytes, at + 19, at + length);
  return rest === undefined ? undefined : rest | far;
}

/** Digits of a fraction that the usual type of a time keeps. */
const MICROS = 6;
const NANOS = 9;

/** What follows the seconds: nothing, a fraction of up to six digits, `Z`. */
function restKind(bytes: Uint8Array, from: number, end: number): number | undefined {
  let at = from;
  if (bytes[at] === 46) for (at++; at < end && !Number.isNaN(digit(bytes, at)); ) at++;
  if (at - from > MICROS + 1) return undefined;
  if (at === end) return bytes[at - 1] === 46 ? undefined : KIND.timestamp;
  return at === end - 1 && bytes[at] === 90 ? KIND.zoned : undefined;
}

/** The years that a count of nanoseconds in 64 bits reaches as a whole. */
const farMark = (year: number): number => (year < 1678 || year > 2261 ? MARK.far : 0);

/** The mark of a time with this fraction of a second; undefined where no type keeps it. */
function markOf(fraction = ''): number | undefined {
  const { length } = fraction.replace(/0+$/, '');
  if (length > NANOS) return undefined;
  return length > MICROS ? MARK.fine : 0;
}

function isoTextKind(
  text: string,
  [, year, , month, day, hour, minute, second, fraction, zone]: RegExpExecArray,
): number {
  if (!isDay(Number(year), Number(month), Number(day))) return KIND.text;
  const far = farMark(Number(year));
  if (hour === undefined) return KIND.date | far;
  if (!isTime(Number(hour), Number(minute), Number(second ?? 0)) || text !== text.trim()) return KIND.text;
  const fine = markOf(fraction);
  if (fine === undefined) return KIND.text;
  if (zone === undefined) return KIND.timestamp | fine | far;
  const isOdd = second === undefined || (zone.startsWith(' ') && zone !== ' UTC');
  return (isOdd ? KIND.oddlyZoned : KIND.zoned) | fine | far;
}

/** False for NaN. */
function isDay(year: number, month: number, day: number): boolean {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= days;
}

const isTime = (hour: number, minute: number, second: number): boolean => hour <= 23 && minute <= 59 && second <= 59;

export interface LocalDate {
  /** Between day, month and year. */
  readonly separator: string;
  /** What follows the date, as `strptime` writes it: `` or ` %H:%M`. */
  readonly time: string;
  readonly isDayFirst: boolean;
  readonly isMonthFirst: boolean;
}

const LOCAL = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:([T ])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:( ?)([AaPp][Mm]))?)?$/;

/** A date with its year last; which of the other two is the day is left open where both could be. Dots mean day first. */
export function readLocalDate(text: string): LocalDate | undefined {
  const found = LOCAL.exec(text);
  if (found === null) return undefined;
  const [, first, separator = '', second, year, joint, hour, minute, seconds, space = '', half] = found;
  const [a, b, y] = [Number(first), Number(second), Number(year)];
  const isDayFirst = isDay(y, b, a);
  const isMonthFirst = separator !== '.' && isDay(y, a, b);
  const isHour = half === undefined ? Number(hour ?? 0) <= 23 : Number(hour) >= 1 && Number(hour) <= 12;
  if (!(isDayFirst || isMonthFirst) || !isHour || Number(minute ?? 0) > 59 || Number(seconds ?? 0) > 59)
    return undefined;
  const clock = half === undefined ? '%H:%M' : '%I:%M';
  const time =
    joint === undefined
      ? ''
      : `${joint}${clock}${seconds === undefined ? '' : ':%S'}${half === undefined ? '' : `${space}%p`}`;
  return { separator, time, isDayFirst, isMonthFirst };
}
