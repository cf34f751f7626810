import { fromIso, type Instant } from '../../domain/support/time.js';

/** Stored text that must be one of a fixed set; other text was not written by refit and is a bug. */
export function oneOf<T extends string>(allowed: readonly T[], text: string, what: string): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new Error(`internal error: unknown ${what} in the registry: ${text}`);
  return found;
}

/** JSON that refit wrote itself; its shape was typed when it was written. */
export const fromJson = <T>(text: string): T => JSON.parse(text) as T;

export const optionalJson = <T>(text: string | null): T | undefined => (text === null ? undefined : fromJson<T>(text));

export const optionalInstant = (text: string | null): Instant | undefined =>
  text === null ? undefined : fromIso(text);

/** Stored as the step of a metric that is no series. */
export const NO_STEP = -1;
