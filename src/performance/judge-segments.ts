import type { PerformanceWindow, SegmentPerformance } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogSpan } from '../domain/ports/prediction-log.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import { normalQuantile } from '../statistics/normal.js';
import { findEpisodes } from './judge/episodes/find-episodes.js';
import { worthlessValue } from './judge/metrics/metrics.js';
import { judgeAgainst } from './judge/performance-drop.js';
import { countGrid, labelledRows, measureGrid } from './measure-grid.js';
import type { WatchedMetric } from './watched-metric.js';
import type { WatchedModel } from './watched-model.js';

interface Judged {
  readonly metric: WatchedMetric;
  readonly windowMs: number;
  readonly from?: Instant;
  readonly until: Instant;
  readonly stream: string;
  readonly current: PerformanceWindow;
  readonly drop: number;
}

/**
 * Segments with fewer labelled rows in the current window are not judged. Of a column only the largest segments are.
 */
const FEWEST_ROWS = 200;
const MOST_VALUES = 20;

/**
 * Judges each segment against its own earlier windows. The more segments there are, the more certain each result must
 * be. A metric of the pipeline's own starts a process for every window, so it is only measured over all rows.
 */
export async function judgeSegments(
  model: WatchedModel,
  judged: Judged,
): Promise<Result<readonly SegmentPerformance[], Failure>> {
  const found: SegmentPerformance[] = [];
  const columns = judged.metric.builtIn === undefined ? [] : model.segments;
  for (const column of columns) {
    const values = await largestValues(model, column, judged.current);
    if (!values.ok) return values;
    const counted = await countGrid(model.log, { ...judged, segment: column });
    if (!counted.ok) return counted;
    for (const value of values.value) {
      const segment = { column, value };
      const windows = await measureGrid(
        model.log,
        { ...judged, segment, stream: `${judged.stream}|${JSON.stringify([column, value])}` },
        model.kept,
        counted.value.filter((one) => one.segment === value),
      );
      if (!windows.ok) return windows;
      const current = await measureNow(model, judged, { from: judged.current.from, until: judged.until, segment });
      if (!current.ok) return current;
      found.push(
        judgeOne(judged, { ...segment, current: current.value, windows: windows.value, of: values.value.length }),
      );
    }
  }
  return ok(found);
}

async function largestValues(
  { log }: WatchedModel,
  column: string,
  { from, to }: PerformanceWindow,
): Promise<Result<readonly string[], Failure>> {
  const counted = await log.windows({ anchor: from, windowMs: to - from, segment: column }, { from, until: to });
  if (!counted.ok) return counted;
  return ok(
    counted.value
      .filter((one) => one.segment !== undefined && one.labelled >= FEWEST_ROWS)
      .sort((a, b) => b.labelled - a.labelled)
      .slice(0, MOST_VALUES)
      .map((one) => one.segment ?? ''),
  );
}

async function measureNow(
  { log }: WatchedModel,
  { metric }: Judged,
  span: LogSpan & { readonly from: Instant },
): Promise<Result<PerformanceWindow, Failure>> {
  const read = await log.rows(span);
  if (!read.ok) return read;
  const rows = labelledRows(read.value);
  const measured = await metric.measure(rows, span);
  if (!measured.ok) return measured;
  const estimate = measured.value;
  return ok({
    from: span.from,
    to: span.until,
    predictions: read.value.time.length,
    labelled: rows.time.length,
    estimate,
  });
}

interface Segment {
  readonly column: string;
  readonly value: string;
  readonly current: PerformanceWindow;
  readonly windows: readonly PerformanceWindow[];
  /** Number of judged segments of the same column. */
  readonly of: number;
}

function judgeOne(
  { metric, drop, windowMs }: Judged,
  { column, value, current, windows, of }: Segment,
): SegmentPerformance {
  const past = windows.filter((one) => one.to <= current.from);
  const measured = [...past, current].flatMap((one) =>
    one.estimate === undefined ? [] : [{ ...one, estimate: one.estimate }],
  );
  const rule = {
    drop,
    isHigherBetter: metric.isHigherBetter,
    sds: -normalQuantile(0.01 / of),
    worthless: metric.builtIn === undefined ? undefined : worthlessValue(metric.builtIn),
  };
  const { before, open } = findEpisodes({ baseline: [], windows: measured, windowMs }, rule);
  const segment = { column, value, current };
  if (before === undefined) return { ...segment, verdict: 'undecided' };
  const { verdict, reference, fall, limit } = judgeAgainst(before, current.estimate, rule);
  if (current.estimate === undefined) return { ...segment, verdict, reference, fall, limit };
  if (open !== undefined) return { ...segment, verdict: 'drift', reference, fall, limit };
  // A bad window that opens no episode is as some have been before, and good again right afterwards.
  return { ...segment, verdict: verdict === 'drift' ? 'stable' : verdict, reference, fall, limit };
}
