import { findLogFaults } from '../data/judge/log-faults.js';
import type { Finding } from '../domain/data/finding.js';
import type {
  PerformanceEpisode,
  PerformanceReport,
  PerformanceWindow,
  StoredEpisode,
} from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogCounts, LogRows, PredictionLog } from '../domain/ports/prediction-log.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';
import { usualMetric } from './judge/metrics/metrics.js';
import { judgeRows } from './judge-windows.js';
import { labelledRows } from './measure-grid.js';
import { describePerformance } from './views/performance-sentence.js';
import { builtIn, knownMetrics, type WatchedMetric, watchedMetric } from './watched-metric.js';
import type { PerformanceQuestion, WatchedModel } from './watched-model.js';
import { describeWithoutLabels } from './without-labels.js';

const EMPTY = { windows: [], metrics: {}, segments: [], detectors: [], findings: [], earned: [] } as const;

/**
 * Measures a model by the labels that have arrived, window by window, against its own gate and its usual variation. Says
 * whether its performance fell, since when and how. Estimates it while no label has arrived.
 */
export async function measurePerformance(
  model: WatchedModel,
  question: PerformanceQuestion,
): Promise<Result<PerformanceReport, Failure>> {
  const read = await readNewest(model, question);
  if (!read.ok) return read;
  const { counts, windowMs, asOf, waiting, current, all, rows, dueFrom } = read.value;
  const chosen = chooseMetric(question.metric, rows, model);
  if (!chosen.ok) return chosen;
  const metric = chosen.value;
  const faults = findLogFaults({ counts, current, asOf, windowMs, servedSince: model.servedSince });
  const report: UnjudgedReport = {
    windowMs,
    delayMs: model.delayMs,
    asOf,
    ...EMPTY,
    findings: faults.map((one) => softened(model, one)),
    version: model.version,
    counts: { predictions: counts.rows, labelled: counts.labelled, unusable: counts.unusable, waiting },
    current: dueFrom === undefined ? current : undefined,
    dueFrom,
    metric: metric?.name,
  };
  const [fault] = report.findings;
  if (fault?.severity === 'error') return undecided(model, { report, all, rows, because: fault.code });
  if (dueFrom !== undefined) return undecided(model, { report, all, rows, because: 'not-due' });
  if (counts.rows === 0 || all.time.length === 0)
    return undecided(model, { report, all, rows, because: 'no-predictions' });
  if (metric === undefined || rows.time.length === 0)
    return undecided(model, { report, all, rows, because: 'no-labels' });
  const judged = await judgeRows(model, question, { report: { ...report, current }, metric, rows });
  return judged.ok ? ok(withDetail(judged.value)) : judged;
}

type UnjudgedReport = Omit<PerformanceReport, 'verdict' | 'detail'>;

interface NewestRows {
  /** Rows of the current window. */
  readonly all: LogRows;
  /** Those of them that have a label. */
  readonly rows: LogRows;
}

interface Newest extends NewestRows {
  readonly counts: LogCounts;
  readonly windowMs: number;
  /** End of the current window: younger predictions wait for their labels. */
  readonly asOf: Instant;
  readonly waiting: number;
  readonly current: PerformanceWindow;
  /** When the first prediction can be judged, if none can be yet. */
  readonly dueFrom: Instant | undefined;
}

async function readNewest(
  { log, delayMs, servedSince, now }: WatchedModel,
  question: PerformanceQuestion,
): Promise<Result<Newest, Failure>> {
  const counted = await log.counts();
  if (!counted.ok) return counted;
  const counts = counted.value;
  if (counts.rows === 0 && counts.unusable > 0)
    return err({
      code: 'data-unreadable',
      source: 'predictions',
      reason: `none of ${counts.unusable} rows has a time and a finite prediction: are the columns named rightly?`,
    });
  const asOf = instantOf(now - delayMs);
  const windowMs = question.windowMs ?? usualWindow(counts);
  const begin = Math.max(counts.from ?? asOf, servedSince ?? Number.NEGATIVE_INFINITY);
  const isLogged = counts.from !== undefined && counts.from < now;
  const isDue = delayMs === 0 || !isLogged || begin < asOf;
  const dueFrom = isDue ? undefined : instantOf(begin + delayMs);
  const from = instantOf(Math.min(asOf, Math.max(asOf - windowMs, servedSince ?? Number.NEGATIVE_INFINITY)));
  const waiting = await countBetween(log, asOf, now);
  if (!waiting.ok) return waiting;
  const read = await log.rows({ from, until: asOf });
  if (!read.ok) return read;
  const all = read.value;
  const rows = labelledRows(all);
  const current = { from, to: asOf, predictions: all.time.length, labelled: rows.time.length };
  return ok({ counts, windowMs, asOf, waiting: waiting.value, current, all, rows, dueFrom });
}

/** The report of a window that cannot be judged, with an estimate where it has no label. */
async function undecided(
  model: WatchedModel,
  { report, all, rows, because }: NewestRows & { readonly report: UnjudgedReport; readonly because: string },
): Promise<Result<PerformanceReport, Failure>> {
  const { current } = report;
  const withoutLabels =
    rows.time.length === 0 && current !== undefined
      ? await describeWithoutLabels(model, report.metric ?? 'auc', { rows: all, window: current })
      : ok(undefined);
  if (!withoutLabels.ok) return withoutLabels;
  return ok(
    withDetail({
      ...report,
      verdict: 'undecided',
      undecidedBecause: because,
      episode: openEpisode(model, report),
      withoutLabels: withoutLabels.value,
    }),
  );
}

/** Labels that stopped are only a warning where nobody says how late labels come: they may still come. */
const softened = ({ isDelayKnown = true }: WatchedModel, finding: Finding): Finding =>
  finding.code === 'labels-stopped' && !isDelayKnown ? { ...finding, severity: 'warning' } : finding;

/** The fall that was open at the last check, while the current window cannot be judged. */
function openEpisode(
  model: WatchedModel,
  { metric, windowMs, asOf }: Pick<PerformanceReport, 'metric' | 'windowMs' | 'asOf'>,
): PerformanceEpisode | undefined {
  const { episodes } = model;
  const stored: StoredEpisode | undefined = metric === undefined ? undefined : episodes?.open(metric, windowMs);
  if (episodes === undefined || stored === undefined) return undefined;
  const { since, opened, before, bad, isConfirmed } = stored;
  return {
    since,
    opened,
    before,
    now: bad.value,
    ageMs: Math.max(0, asOf - since),
    bad,
    isConfirmed,
    trainings: episodes.trainingsSince(since),
    finding: episodes.findingOf(stored),
  };
}

const withDetail = (report: Omit<PerformanceReport, 'detail'>): PerformanceReport => ({
  ...report,
  detail: describePerformance(report),
});

/** Weeks for a log of months, days for a log of days, otherwise hours. */
function usualWindow({ from, to }: LogCounts): number {
  const length = from === undefined || to === undefined ? 0 : to - from;
  if (length >= 28 * DAY_MS || length === 0) return 7 * DAY_MS;
  return length >= 4 * DAY_MS ? DAY_MS : DAY_MS / 24;
}

/**
 * The metric that was asked for; otherwise the first known metric of the gate; otherwise the one that fits the labels.
 */
function chooseMetric(
  asked: string | undefined,
  rows: LogRows,
  { gateMetrics, metrics }: Pick<WatchedModel, 'gateMetrics' | 'metrics'>,
): Result<WatchedMetric | undefined, Failure> {
  const found = asked === undefined ? undefined : watchedMetric(asked, metrics);
  if (asked !== undefined && found === undefined)
    return err({
      code: 'not-found',
      what: 'metric',
      name: asked,
      available: knownMetrics(metrics),
      next: 'a metric of your own is a command: monitor: { metrics: { cost: { run: "node cost.js", direction: lower } } }',
    });
  if (found !== undefined) return ok(found);
  if (rows.time.length === 0)
    return ok(
      Object.keys(gateMetrics)
        .map((name) => watchedMetric(name, metrics))
        .find((one) => one !== undefined),
    );
  const usual = usualMetric(rows.label, rows.prediction);
  return ok(builtIn(usual));
}

async function countBetween(log: PredictionLog, from: Instant, until: Instant): Promise<Result<number, Failure>> {
  if (until <= from) return ok(0);
  const found = await log.windows({ anchor: from, windowMs: until - from }, { from, until });
  return found.ok ? ok(found.value.reduce((sum, one) => sum + one.rows, 0)) : found;
}
