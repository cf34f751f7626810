import type { PerformanceWindow } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogRows, LogWindow, PredictionLog } from '../domain/ports/prediction-log.js';
import type { MeasuredPlace } from '../domain/ports/records/performance-records.js';
import { ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';
import type { WatchedMetric } from './watched-metric.js';

/** Windows that earlier checks of a pipeline have measured. Without it everything is measured. */
export interface Kept {
  readonly windows: (stream: string) => readonly MeasuredPlace[];
  readonly saveWindows: (stream: string, windows: readonly MeasuredPlace[]) => void;
}

interface Grid {
  readonly metric: WatchedMetric;
  readonly windowMs: number;
  /** Whole windows within the span are measured. */
  readonly from?: Instant;
  readonly until: Instant;
  /** Identifies what is measured: the version, the segment. */
  readonly stream: string;
  readonly segment?: { readonly column: string; readonly value: string };
}

/** Monday, 1970-01-05. Windows of whole weeks begin on Mondays, those of whole days at midnight UTC. */
export const GRID_ANCHOR: Instant = instantOf(4 * DAY_MS);

const startOf = (place: number, windowMs: number): Instant => instantOf(GRID_ANCHOR + place * windowMs);

/**
 * A metric over the windows of a fixed grid that have rows, ordered by time. A window is measured again only if its
 * rows have changed. A late label changes only its own window.
 */
export async function measureGrid(
  log: PredictionLog,
  grid: Grid,
  kept: Kept | undefined,
  counted: readonly LogWindow[],
): Promise<Result<readonly PerformanceWindow[], Failure>> {
  const known = new Map((kept?.windows(grid.stream) ?? []).map((one) => [one.place, one]));
  const isStale = ({ index, checksum }: LogWindow): boolean => known.get(index)?.checksum !== checksum;
  const stale = counted.filter(isStale);
  const measured = await measureStale(log, grid, stale);
  if (!measured.ok) return measured;
  if (measured.value.size > 0) kept?.saveWindows(grid.stream, [...measured.value.values()]);
  return ok(
    counted.flatMap(({ index }) => {
      const one = measured.value.get(index) ?? known.get(index);
      return one === undefined ? [] : [one.window];
    }),
  );
}

/** Windows of the grid that lie completely in a span, with the number of rows of each. */
export async function countGrid(
  log: PredictionLog,
  { windowMs, from, until, segment }: Pick<Grid, 'windowMs' | 'from' | 'until'> & { readonly segment?: string },
): Promise<Result<readonly LogWindow[], Failure>> {
  const first = from === undefined ? undefined : Math.ceil((from - GRID_ANCHOR) / windowMs);
  const end = Math.floor((until - GRID_ANCHOR) / windowMs);
  return log.windows(
    { anchor: GRID_ANCHOR, windowMs, segment },
    { until: startOf(end, windowMs), from: first === undefined ? undefined : startOf(first, windowMs) },
  );
}

/** One read for all of them, because they are adjacent; usually there is only the newest. */
async function measureStale(
  log: PredictionLog,
  { metric, windowMs, segment }: Grid,
  stale: readonly LogWindow[],
): Promise<Result<ReadonlyMap<number, MeasuredPlace>, Failure>> {
  const [first, last] = [stale[0], stale.at(-1)];
  if (first === undefined || last === undefined) return ok(new Map());
  const read = await log.rows({
    from: startOf(first.index, windowMs),
    until: startOf(last.index + 1, windowMs),
    segment,
  });
  if (!read.ok) return read;
  const rows = labelledRows(read.value);
  const found = new Map<number, MeasuredPlace>();
  let begin = 0;
  for (const one of stale) {
    const [from, to] = [startOf(one.index, windowMs), startOf(one.index + 1, windowMs)];
    while (begin < rows.time.length && (rows.time[begin] ?? 0) < from) begin++;
    let end = begin;
    while (end < rows.time.length && (rows.time[end] ?? 0) < to) end++;
    const part = {
      time: rows.time.subarray(begin, end),
      label: rows.label.subarray(begin, end),
      prediction: rows.prediction.subarray(begin, end),
    };
    const span = { from, until: to, segment };
    const measured = await metric.measure(part, span);
    if (!measured.ok) return measured;
    const estimate = measured.value;
    begin = end;
    found.set(one.index, {
      place: one.index,
      checksum: one.checksum,
      window: {
        from,
        to,
        predictions: one.rows,
        labelled: one.labelled,
        estimate,
      },
    });
  }
  return ok(found);
}

/** Rows whose label has arrived. */
export function labelledRows(rows: LogRows): LogRows {
  if (!rows.label.some(Number.isNaN)) return rows;
  const has = (_: number, i: number): boolean => !Number.isNaN(rows.label[i] ?? Number.NaN);
  return { time: rows.time.filter(has), prediction: rows.prediction.filter(has), label: rows.label.filter(has) };
}
