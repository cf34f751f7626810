/** Seconds from 2001 to 2065, for moments since 1970 in seconds, milliseconds, microseconds. */
const [FIRST_SECOND, LAST_SECOND] = [1e9, 3e9];
const PER_SECOND = [1, 1e3, 1e6];
/** From 1900 to 2100: year and month, day, hour, minute and second, in digits. */
const WRITTEN = /^(19|20)\d{2}(0[1-9]|1[0-2])((0[1-9]|[12]\d|3[01])([01]\d|2[0-3])?([0-5]\d){0,2})?$/;

/** Whether all numbers tell a time: seconds since 1970, or 20260331. */
export function areTimes(values: readonly number[]): boolean {
  const isSince1970 = PER_SECOND.some((units) =>
    values.every((value) => value >= FIRST_SECOND * units && value <= LAST_SECOND * units),
  );
  if (isSince1970) return true;
  const length = String(values[0] ?? '').length;
  return values.every((value) => String(value).length === length && WRITTEN.test(String(value)));
}
