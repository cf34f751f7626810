import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource, TableSpan } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { medianHigh } from '../../statistics/quantiles.js';
import type { RowParts } from '../judge/rows-missing.js';
import { type Past, WINDOWS } from './past-windows.js';

const PARTS = 20;
/** Spans of a part: rows are counted in spans, which do not begin where a window does. */
const SPANS = 10;

/**
 * Rows of the window and of earlier ones by twentieths of its length; `undefined` where rows have no time. The parts of a day
 * or week are the same in all windows, whenever their first row came.
 */
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
    inParts(
      before.value.filter((span) => isInside(span, end - (i + 1) * lengthMs, lengthMs)),
      end,
      lengthMs,
    ),
  ).filter((one) => one.some((rows) => rows > 0));
  const usual = Array.from({ length: PARTS }, (_, part) => medianHigh(windows.map((one) => one[part] ?? 0)) ?? 0);
  const start = window.source.since ?? time.from;
  const inWindow = now.value.filter((span) => isInside(span, start, lengthMs));
  return ok({ usual, now: inParts(inWindow, end, lengthMs) });
}

/** The middle of a span. */
const middleOf = (span: TableSpan, lengthMs: number): number => span.from + lengthMs / (2 * PARTS * SPANS);

const isInside = (span: TableSpan, start: number, lengthMs: number): boolean => {
  const at = middleOf(span, lengthMs) - start;
  return at >= 0 && at < lengthMs;
};

/** Counts rows by parts that begin with every whole number of lengths from this moment. */
function inParts(spans: readonly TableSpan[], moment: Instant, lengthMs: number): readonly number[] {
  const parts = new Array<number>(PARTS).fill(0);
  for (const span of spans) {
    const lengths = (middleOf(span, lengthMs) - moment) / lengthMs;
    const part = Math.min(PARTS - 1, Math.floor((lengths - Math.floor(lengths)) * PARTS));
    parts[part] = (parts[part] ?? 0) + span.rows;
  }
  return parts;
}
