import type { MetricPoint } from '../../domain/runs/run.js';
import { isRecord } from '../../domain/support/json.js';
import { err, ok, type Result } from '../../domain/support/result.js';

export interface MetricsProblem {
  readonly key?: string;
  readonly problem: string;
}

/**
 * Python's json module writes the bare tokens NaN, Infinity and -Infinity. They are read, so that the failure can
 * name them.
 */
export function parseLooseJson(text: string): unknown {
  const strict = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify({ [NOT_FINITE]: token }),
  );
  return JSON.parse(strict, (_, value: unknown) => {
    const token = typeof value === 'object' && value !== null && NOT_FINITE in value ? value[NOT_FINITE] : undefined;
    return token === undefined ? value : Number(token);
  });
}

const NOT_FINITE = '\u0000not-finite';

export interface ParsedMetrics {
  readonly points: readonly MetricPoint[];
  /** Keys whose value is null or a list, each once. */
  readonly skipped: readonly SkippedValue[];
}

/**
 * Reads a metrics file: a JSON object, JSON lines (with `step`), or CSV with a header. Words are not metrics. A number
 * in quotes is a mistake that would make the metric disappear, so it fails.
 */
export function parseMetrics(path: string, text: string): Result<ParsedMetrics, MetricsProblem> {
  try {
    if (/\.csv$/i.test(path)) return collect(parseCsv(text));
    const trimmed = text.trim();
    const lines = trimmed.split(/\r?\n/).filter((line) => line.trim() !== '');
    const isLines = /\.jsonl$|\.ndjson$/i.test(path) || (lines.length > 1 && /^\{.*\}$/.test(lines[0]?.trim() ?? ''));
    return collect(isLines ? lines.map(parseLooseJson) : [parseLooseJson(trimmed)]);
  } catch (error) {
    return err({ problem: error instanceof Error ? error.message : 'not readable as JSON' });
  }
}

function parseCsv(text: string): readonly unknown[] {
  const [header = '', ...rows] = text.trim().split(/\r?\n/);
  const names = cellsOf(header);
  return rows
    .filter((row) => row.trim() !== '')
    .map((row) => Object.fromEntries(cellsOf(row).map((cell, i) => [names[i] ?? String(i), toCell(cell)])));
}

/** Cells of a line. Quotes around a cell are removed; a comma inside quotes is text. */
const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? (bare ?? '').trim(),
  );

/** Words for non-finite numbers become numbers, so that the failure can name them. */
function toCell(cell: string): unknown {
  if (cell === '') return undefined;
  if (/^nan$/i.test(cell)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(cell);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number.isNaN(Number(cell)) ? cell : Number(cell);
}

function collect(records: readonly unknown[]): Result<ParsedMetrics, MetricsProblem> {
  const points: MetricPoint[] = [];
  const skipped = new Map<string, SkippedValue>();
  for (const record of records) {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return err({ problem: 'it must be an object of names and numbers' });
    const step = 'step' in record && typeof record.step === 'number' ? record.step : undefined;
    for (const { key, value } of flatten(record)) {
      if (key === 'step' && step !== undefined) continue;
      const checked = metricValue(value);
      if ('problem' in checked) return err({ key, problem: checked.problem });
      if ('is' in checked) skipped.set(key, { key, is: checked.is });
      else if ('number' in checked) points.push({ key, value: checked.number, step });
    }
  }
  return ok({ points, skipped: [...skipped.values()] });
}

interface SkippedValue {
  readonly key: string;
  /** `null` or `a list`. */
  readonly is: string;
}

export type MetricValue =
  | { readonly number: number }
  /** A word, which is no metric. */
  | { readonly word: string }
  | { readonly is: string }
  | { readonly problem: string };

/** What one value of a metrics or evaluation file is. Booleans count as 0 and 1. */
export function metricValue(value: unknown): MetricValue {
  if (typeof value === 'boolean') return { number: value ? 1 : 0 };
  if (typeof value === 'number') return Number.isFinite(value) ? { number: value } : { problem: `it is ${value}` };
  if (value === null) return { is: 'null' };
  if (typeof value !== 'string') return { is: 'a list' };
  const isNumber = value.trim() !== '' && !Number.isNaN(Number(value));
  return isNumber
    ? { problem: `it is the text "${value}"; write the number without quotes: ${value.trim()}` }
    : { word: value };
}

/** Every value by its dotted name. */
export function flatten(record: object, prefix = ''): readonly { readonly key: string; readonly value: unknown }[] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) =>
    value === undefined
      ? []
      : isRecord(value)
        ? flatten(value, `${prefix}${key}.`)
        : [{ key: `${prefix}${key}`, value }],
  );
}
