import type { ParamValue } from '../../domain/pipeline/pipeline.js';
import type { MetricPoint } from '../../domain/runs/run.js';
import type { StoredPoint } from './row-forms.js';

/** Decimal digits that a double keeps exactly. */
const EXACT_DIGITS = 15;

/** MLflow params are text. Returns a number or boolean if the text is one and converting loses nothing. */
export function paramOf(text: string): ParamValue {
  if (text === 'True' || text === 'true') return true;
  if (text === 'False' || text === 'false') return false;
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  const digits = text
    .replace(/[eE].*$/, '')
    .replaceAll(/\D/g, '')
    .replace(/^0+/, '').length;
  return isNumber && digits <= EXACT_DIGITS && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** MLflow stores infinity as this value. */
const INFINITE = Number.MAX_VALUE;

/**
 * Converts metric rows of a run to one series per key, and describes what does not fit: NaN, infinities, and several values
 * for one step. If all values have the same step, for example because none was given, they are numbered in order. `rows` must
 * be sorted by key, step and time.
 */
export function pointsOf(rows: readonly StoredPoint[]): {
  readonly points: readonly MetricPoint[];
  readonly notes: Readonly<Record<string, string>>;
  /** The last value of each metric where it is no finite number: `NaN`, `infinity`. */
  readonly ended: Readonly<Record<string, string>>;
} {
  const byKey = new Map<string, StoredPoint[]>();
  for (const row of rows) {
    const known = byKey.get(row.key);
    if (known === undefined) byKey.set(row.key, [row]);
    else known.push(row);
  }
  const points: MetricPoint[] = [];
  const notes: Record<string, string> = {};
  const ended: Record<string, string> = {};
  for (const [key, all] of byKey) {
    const series = seriesOf(key, all);
    points.push(...series.points);
    if (series.notes.length > 0) notes[key] = series.notes.join('; ');
    const last = all.at(-1);
    const word = last === undefined ? undefined : wordOf(last);
    if (word !== undefined) ended[key] = word;
  }
  return { points, notes, ended };
}

const wordOf = ({ value, is_nan: isNan }: StoredPoint): string | undefined =>
  isNan !== 0
    ? 'NaN'
    : Math.abs(value) >= INFINITE || !Number.isFinite(value)
      ? `${value < 0 ? '-' : ''}infinity`
      : undefined;

function seriesOf(key: string, all: readonly StoredPoint[]) {
  const finite = all.filter((row) => wordOf(row) === undefined);
  const notes = [...unusableNotes(all)];
  const isNumbered =
    finite.some(({ step }) => step < 0) || (finite.length > 1 && new Set(finite.map(({ step }) => step)).size === 1);
  if (isNumbered) {
    notes.push(`${finite.length} values of step ${finite[0]?.step} are numbered in their order`);
    const inOrder = finite.toSorted((a, b) => a.step - b.step || a.timestamp - b.timestamp);
    return { points: inOrder.map(({ value }, step): MetricPoint => ({ key, step, value })), notes };
  }
  const last = new Map(finite.map((row) => [row.step, row.value]));
  if (last.size < finite.length) notes.push(`${finite.length - last.size} values had a later one of the same step`);
  const isSeries = last.size > 1 || finite.some(({ step }) => step !== 0);
  return {
    points: [...last].map(([step, value]): MetricPoint => ({ key, value, ...(isSeries ? { step } : {}) })),
    notes,
  };
}

const SHOWN_STEPS = 5;

function* unusableNotes(all: readonly StoredPoint[]): Iterable<string> {
  const found = new Map<string, number[]>();
  for (const row of all) {
    const word = wordOf(row);
    if (word !== undefined) found.set(word, [...(found.get(word) ?? []), row.step]);
  }
  for (const [word, steps] of found) {
    const more = steps.length > SHOWN_STEPS ? ` and ${steps.length - SHOWN_STEPS} more` : '';
    yield `${word} at step ${steps.slice(0, SHOWN_STEPS).join(', ')}${more}`;
  }
}
