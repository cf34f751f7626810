import { Cron } from 'croner';

/** Five full lists of numbers are shorter. */
const LONGEST = 1000;

/** Whether a value, of any type, is a five-field cron expression. */
export function isCron(expression: unknown): boolean {
  if (typeof expression !== 'string' || expression.length > LONGEST) return false;
  if (expression.trim().split(/\s+/).length !== 5) return false;
  try {
    new Cron(expression, { paused: true });
    return true;
  } catch {
    return false;
  }
}

/** A name of the IANA time zone database that this Node knows. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
