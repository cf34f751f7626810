import { fromIso, type Instant } from '../../domain/support/time.js';

/** Returns stored text as one of the allowed values. Throws an internal error for other text, which refit never writes. */
export function oneOf<T extends string>(allowed: readonly T[], text: string, what: string): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new Error(`internal error: unknown ${what} in the registry: ${text}`);
  return found;
}

/** Parses JSON that refit wrote. Its shape was checked by the types when it was written. */
export const fromJson = <T>(text: string): T => JSON.parse(text) as T;

export const optionalJson = <T>(text: string | null): T | undefined => (text === null ? undefined : fromJson<T>(text));

export const optionalInstant = (text: string | null): Instant | undefined =>
  text === null ? undefined : fromIso(text);

/** Stored as the step of a metric without a series. */
export const NO_STEP = -1;
