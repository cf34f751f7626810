/** Milliseconds since 1970-01-01 UTC. Pure code receives it as an argument; only the clock reads it. */
declare const instant: unique symbol;
export type Instant = number & { readonly [instant]: true };

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const instantOf = (epochMs: number): Instant => epochMs as Instant;

/** UTC ISO-8601 with milliseconds, the form of all times in the registry and in JSON. */
export const toIso = (at: Instant): string => new Date(at).toISOString();

/** `2001-02-01 03:00` in UTC, without seconds: the form of times in sentences and tables. */
export const toMinute = (at: Instant): string => toIso(at).slice(0, 16).replace('T', ' ');

const ISO_FORM = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Parses a date (`2001-02-01`, midnight UTC) or a date and time, in UTC unless it has an offset. `undefined` for other
 * text.
 */
export function parseInstant(text: string): Instant | undefined {
  if (!ISO_FORM.test(text)) return undefined;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) && text.length > 10;
  const epochMs = Date.parse(hasOffset || text.length === 10 ? text : `${text.replace(' ', 'T')}Z`);
  // Date.parse accepts 31 February as 3 March.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.slice(0, 10) === text.slice(0, 10);
  return Number.isNaN(epochMs) || !isDay ? undefined : instantOf(epochMs);
}

/** Parses the stored form. Other text is a bug. */
export function fromIso(text: string): Instant {
  // Fast path for the form that `toIso` writes, because thousands are parsed at a time.
  const stored = text.length === 24 && text.endsWith('Z') ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(stored)) return instantOf(stored);
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`internal error: not a stored time: ${text}`);
  return at;
}

/**
 * Newest first by the wall clock. What lies in the future of the clock comes last: a machine whose clock was ahead wrote it, so it
 * outweighs nothing that a right clock wrote.
 */
export const newestFirst = <T>(all: readonly T[], timeOf: (one: T) => Instant, clock: Instant): readonly T[] =>
  [...all].sort((a, b) => Number(timeOf(a) > clock) - Number(timeOf(b) > clock) || timeOf(b) - timeOf(a));

/** Rounds down to a multiple of `stepMs` since 1970 UTC. Days start at midnight UTC. */
export const roundDown = (at: Instant, stepMs: number): Instant => instantOf(Math.floor(at / stepMs) * stepMs);

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** About 100 years. */
export const MOST_DAYS = 36_525;
const LONGEST_DURATION = 64;

/**
 * Parses `90s`, `30m`, `12h`, `7d`, `2w`, `250ms`, or a combination such as `1h30m`. Milliseconds, or `undefined` for
 * other text, also for one of more than 100 years, which no clock reading takes.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > LONGEST_DURATION) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  const ms = parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0);
  return ms <= MOST_DAYS * DAY_MS ? ms : undefined;
}

/** The shortest exact form in one unit (`12h`, `7d`). If there is none, a rounded form (`1.4s`, `2m 5s`). */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  if (ms < MINUTE_MS) return `${Number((ms / SECOND_MS).toFixed(1))}s`;
  const [big, small] =
    ms < HOUR_MS ? (['m', 's'] as const) : ms < DAY_MS ? (['h', 'm'] as const) : (['d', 'h'] as const);
  const bigMs = UNITS[big] ?? 1;
  const smallMs = UNITS[small] ?? 1;
  const units = Math.floor(ms / bigMs);
  const rest = Math.floor((ms - units * bigMs) / smallMs);
  return rest === 0 ? `${units}${big}` : `${units}${big} ${rest}${small}`;
}

/** Like `formatDuration`, with enough units to differ from a limit, unless it is the limit: `2d 1m` beside `2d`. */
export function formatDurationBeside(ms: number, limitMs: number): string {
  const short = formatDuration(ms);
  if (ms === limitMs || short !== formatDuration(limitMs)) return short;
  let rest = Math.round(ms);
  const parts = (['d', 'h', 'm', 's', 'ms'] as const).flatMap((unit) => {
    const count = Math.floor(rest / (UNITS[unit] ?? 1));
    rest -= count * (UNITS[unit] ?? 1);
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return parts.join(' ');
}
