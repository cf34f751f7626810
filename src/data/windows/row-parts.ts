import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource, TableSpan } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import type { RowParts } from '../judge/rows-missing.js';
import { type Past, WINDOWS } from './past-windows.js';

const PARTS = 20;
/** Spans of a part: rows are counted in spans, which do not begin where a window does. */
const SPANS = 10;

/** Rows of the window and of earlier ones by twentieths of its length; `undefined` where rows have no time. */
export async function readRowParts(
  services: Pick<Services, 'datasets'>,
  past: Past,
  window: { readonly source: TableSource; readonly profile: TableProfile },
): Promise<Result<RowParts | undefined, Failure>> {
  const { table, end, lengthMs } = past;
  const { time } = window.profile;
  if (table.timeColumn === undefined || time === undefined || time.column !== table.timeColumn) return ok(undefined);
  const count = async (source: TableSource): Promise<Result<readonly TableSpan[], Failure>> =>
    services.datasets.countSpans({ ...source, timeColumn: time.column }, Math.max(1, lengthMs / (PARTS * SPANS)), []);
  const since = instantOf(end - WINDOWS * lengthMs);
  const [before, now] = [await count({ ...table, since, until: end }), await count(window.source)];
  if (!before.ok) return before;
  if (!now.ok) return now;
  const windows = Array.from({ length: WINDOWS }, (_, i) =>
    inParts(before.value, instantOf(end - (i + 1) * lengthMs), lengthMs),
  ).filter((one) => one.some((rows) => rows > 0));
  const usual = Array.from({ length: PARTS }, (_, part) => middle(windows.map((one) => one[part] ?? 0)));
  return ok({ usual, now: inParts(now.value, window.source.since ?? time.from, lengthMs) });
}

function inParts(spans: readonly TableSpan[], start: Instant, lengthMs: number): readonly number[] {
  const parts = new Array<number>(PARTS).fill(0);
  for (const span of spans) {
    const at = (span.from + lengthMs / (2 * PARTS * SPANS) - start) / lengthMs;
    if (at < 0 || at >= 1) continue;
    const part = Math.floor(at * PARTS);
    parts[part] = (parts[part] ?? 0) + span.rows;
  }
  return parts;
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
