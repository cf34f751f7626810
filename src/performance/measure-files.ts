import { noRows, unfitPlace } from '../data/judge/read-faults.js';
import type { PerformanceReport } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { PredictionLog, PredictionSources } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { labelledRows } from './measure-grid.js';
import { measurePerformance } from './measure-performance.js';
import type { ComparedRows, PerformanceQuestion, WatchedModel } from './watched-model.js';

export interface PerformanceFiles extends PerformanceQuestion {
  /** Absolute paths. */
  readonly predictions: readonly string[];
  readonly labels?: readonly string[];
  readonly time: string;
  readonly key?: string;
  readonly prediction: string;
  /** Without a label column the metric is estimated. */
  readonly label?: string;
  /** Absent if the delay of labels is not known. */
  readonly delayMs?: number;
  readonly segments: readonly string[];
}

/**
 * Measures files from the command line. Works anywhere and records nothing. Only earlier windows are compared with,
 * because there is no gate.
 */
export async function checkPerformanceFiles(
  services: Pick<Services, 'datasets'>,
  { now, isNowGiven }: When,
  files: PerformanceFiles,
): Promise<Result<PerformanceReport, Failure>> {
  const opened = await services.datasets.openPredictionLog(sourcesOf(files));
  if (!opened.ok) return opened;
  await using log = opened.value;
  const counted = await log.counts();
  if (!counted.ok) return counted;
  if (counted.value.rows === 0 && counted.value.unusable === 0)
    return err({ code: 'data-empty', source: 'predictions', detail: (await firstFault(services, files)) ?? 'no rows' });
  if (counted.value.rows === 0) {
    const reason = await firstFault(services, files);
    if (reason !== undefined) return err({ code: 'data-unreadable', source: 'predictions', reason });
  }
  const { delayMs = 0 } = files;
  // Recorded files end at some time. They are stale only if a time was asked for.
  const end = counted.value.to === undefined ? now : instantOf(counted.value.to + 1 + delayMs);
  const model: WatchedModel = {
    log,
    now: isNowGiven ? now : end,
    delayMs,
    isDelayKnown: files.delayMs !== undefined,
    segments: files.segments,
    metrics: [],
    atGate: async () => undefined,
    earlierRows: (window) => readEarlier(log, window),
    gateMetrics: {},
    earlier: () => [],
  };
  // Awaited here, because the log is closed when this function returns.
  return await measurePerformance(model, files);
}

const sourcesOf = ({
  predictions,
  time,
  prediction,
  key,
  label,
  labels,
  segments,
}: PerformanceFiles): PredictionSources => ({
  predictions: { paths: predictions, time, prediction, key },
  labels:
    label === undefined
      ? undefined
      : labels === undefined
        ? { from: 'predictions', label }
        : { from: 'files', paths: labels, key: key ?? '', label },
  segments,
  namedBy: 'options',
});

/** Why no row of the files could be used: they are empty, or the times cannot be read. */
async function firstFault(
  { datasets }: Pick<Services, 'datasets'>,
  { predictions, time }: PerformanceFiles,
): Promise<string | undefined> {
  const read = await datasets.profile({ from: { kind: 'files', paths: predictions }, timeColumn: time });
  if (!read.ok) return undefined;
  if (read.value.rows === 0) return noRows(read.value).detail;
  const place = unfitPlace(read.value, time);
  return place === undefined ? undefined : `column "${time}" holds no readable time; the first value is ${place}`;
}

/** Windows before the current one whose rows show the earlier state. */
const EARLIER_WINDOWS = 13;

/** Labelled rows before a window. If the log has none, rows without labels. */
async function readEarlier(
  log: PredictionLog,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Result<ComparedRows, Failure>> {
  const all = await log.rows({ until: instantOf(from) });
  if (!all.ok) return all;
  const labelled = labelledRows(all.value);
  if (labelled.time.length > 0) return ok({ ...labelled, comparedWith: 'earlier-rows' });
  const since = from - EARLIER_WINDOWS * (to - from);
  const prediction = all.value.prediction.filter((_, i) => (all.value.time[i] ?? 0) >= since);
  return ok({ label: new Float64Array(0), prediction, comparedWith: 'nothing' });
}
