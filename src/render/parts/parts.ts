import { countText } from '../../domain/support/count-text.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { formatDuration, type Instant, toIso, toMinute } from '../../domain/support/time.js';
import type { Line, Span, Tone, ViewPart } from '../../domain/view.js';

export const toned = (text: string, tone: Tone): Span => ({ text, tone });
export const dim = (text: string): Span => toned(text, 'dim');
export const strong = (text: string): Span => toned(text, 'strong');
export const line = (...spans: Span[]): ViewPart => ({ kind: 'line', line: spans });
export const heading = (text: string): ViewPart => ({ kind: 'heading', text });
export const blank: ViewPart = { kind: 'line', line: [] };

/** Rows without a value are omitted. */
export const fields = (rows: readonly (readonly [string, Line | string | undefined])[]): ViewPart => ({
  kind: 'fields',
  rows: rows.flatMap(([label, value]): readonly (readonly [string, Line])[] =>
    value === undefined || value.length === 0 ? [] : [[label, typeof value === 'string' ? [value] : value]],
  ),
});

export const table = (head: readonly string[], rows: readonly (readonly Span[])[]): ViewPart => ({
  kind: 'table',
  head,
  rows,
});

const TONES: Readonly<Record<string, Tone>> = {
  succeeded: 'good',
  pass: 'good',
  stable: 'good',
  published: 'good',
  fresh: 'good',
  retrain: 'good',
  restored: 'good',
  failed: 'bad',
  fail: 'bad',
  'gate-refused': 'bad',
  hold: 'bad',
  'timed-out': 'bad',
  error: 'bad',
  finding: 'bad',
  lost: 'bad',
  drift: 'warn',
  warn: 'warn',
  warning: 'warn',
  stale: 'warn',
  unclear: 'warn',
  undecided: 'warn',
  suggest: 'warn',
  paused: 'warn',
  cancelled: 'warn',
  skipped: 'dim',
  wait: 'dim',
  pending: 'dim',
  skip: 'dim',
  'not-applicable': 'dim',
  'nothing-new': 'dim',
};

/** A word of the vocabulary, in its usual tone. */
export const word = (text: string): Span => toned(text, TONES[text] ?? 'plain');

/** A time as people read it. JSON has the seconds too. */
export const moment = toMinute;

export const short = (hash: string): string => hash.slice(0, 12);

/**
 * Rounds to the digits that matter: one decimal for large numbers, four for usual ones, three significant digits for
 * very small ones.
 */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return String(value);
  if (size >= 1000) return String(Number(value.toFixed(1)));
  return String(size < 0.001 ? Number(value.toPrecision(3)) : Number(value.toFixed(4)));
};

/** A figure of three significant digits, for numbers in a sentence. */
export const threeDigits = (value: number): string => figure(Number(value.toPrecision(3)));

/** A value that a person has set, unrounded. */
export const inFull = (value: Json | undefined): string => (typeof value === 'number' ? String(value) : shown(value));

/** Two different figures, with enough digits to differ. */
export function distinctFigures(before: number, after: number): readonly [string, string] {
  const short = [figure(before), figure(after)] as const;
  if (short[0] !== short[1]) return short;
  for (let digits = 5; digits < 17; digits++) {
    const [a, b] = [Number(before.toPrecision(digits)), Number(after.toPrecision(digits))];
    if (a !== b) return [String(a), String(b)];
  }
  return [String(before), String(after)];
}

/** `0.4, limit 0.3`: what was measured and what it is compared with. Two that differ look different. */
export function besideLimit(measured: Json | undefined, limit: Json | undefined): string {
  if (limit === undefined || limit === null) return shown(measured);
  const [left, right] =
    typeof measured === 'number' && typeof limit === 'number' && measured !== limit
      ? distinctFigures(measured, limit)
      : [shown(measured), shown(limit)];
  return `${left}, limit ${right}`;
}

export const bytes = (size: number): string => {
  if (size < 1000) return `${size} B`;
  const power = Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${Number((size / 1000 ** power).toPrecision(3))} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
};

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `a, b, c and 20 more`: a long list shows its first entries. */
export const few = (names: readonly string[], most = 3): string =>
  names.length <= most + 1
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${countText(names.length - most)} more`;

export const span = (ms: number): string => formatDuration(Math.max(0, ms));

export const shown = (value: Json | undefined): string =>
  value === undefined || value === null
    ? '–'
    : typeof value === 'number'
      ? figure(value)
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);

/** A value as JSON. Drops what JSON cannot express. */
export const asJson = (value: object): JsonObject => JSON.parse(JSON.stringify(value));

/**
 * A value as JSON with names in snake_case, at every depth. Only for values whose names are all refit's own: a name that a
 * user chose, such as that of a metric, must stay as it is.
 */
export const asFields = (value: object): JsonObject => snakeCased(asJson(value));

const snakeCased = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      withSnakeNames(value ?? null),
    ]),
  );

function withSnakeNames(value: Json): Json {
  if (isList(value)) return value.map(withSnakeNames);
  return value === null || typeof value !== 'object' ? value : snakeCased(value);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Instants as ISO text by name. Absent ones are omitted. */
export const times = (given: Readonly<Record<string, Instant | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(given).flatMap(([name, at]) => (at === undefined ? [] : [[name, toIso(at)]])));

export const metricsText = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .map(([key, value]) => `${key} ${figure(value)}`)
    .join(', ');

/** The scores that `evaluate` wrote, and the names whose value is no number: a typing error must not pass unnoticed. */
export function scoresText({
  metrics,
  unusable,
}: {
  readonly metrics: Readonly<Record<string, number>>;
  readonly unusable: Readonly<Record<string, string>>;
}): string {
  const left = Object.entries(unusable).map(([name, what]) => `${name} is ${what}`);
  const scores = Object.keys(metrics).length === 0 ? 'nothing' : metricsText(metrics);
  return `${scores}${left.length === 0 ? '' : `; not scores: ${left.join(', ')}`}`;
}
