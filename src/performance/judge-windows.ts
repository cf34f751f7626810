import type {
  PerformanceChange,
  PerformanceEpisode,
  PerformanceReport,
  PerformanceWindow,
  StoredEpisode,
} from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogRows } from '../domain/ports/prediction-log.js';
import { ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf } from '../domain/support/time.js';
import type { Estimate } from '../statistics/estimate.js';
import { medianHigh } from '../statistics/quantiles.js';
import { baselineOf } from './gate-evidence.js';
import { findEpisodes, type MeasuredWindow, type OpenEpisode } from './judge/episodes/find-episodes.js';
import { type MetricName, measure, metricsOf, worthlessValue } from './judge/metrics/metrics.js';
import { type DropJudgement, FEWEST_WINDOWS, judgeAgainst } from './judge/performance-drop.js';
import { judgeSegments } from './judge-segments.js';
import { countGrid, measureGrid } from './measure-grid.js';
import { describeChange, watchErrors } from './watch-errors.js';
import { isOfBits, type WatchedMetric } from './watched-metric.js';
import type { LastEpisode, PerformanceQuestion, WatchedModel } from './watched-model.js';

/** Windows that are shown, and that are searched for the change behind a fall. */
const SHOWN_WINDOWS = 27;
/** Windows that are measured if the registry knows earlier falls. A bare log is measured from its beginning. */
const KEPT_WINDOWS = 104;
/** Windows after the beginning of a fall that show its form. */
const FORM_WINDOWS = 13;
/** A window shows how the metric varies only if at least this share of its predictions has a label. */
const LEAST_LABELLED = 0.5;
/** The smallest fall that matters by default: for a metric from 0 to 1, and as a share of any other. */
const DROP = 0.02;
const DROP_SHARE = 0.05;

/** The current window, before it is judged. */
export interface Measured {
  readonly report: Omit<PerformanceReport, 'verdict' | 'detail'> & { readonly current: PerformanceWindow };
  readonly metric: WatchedMetric;
  readonly rows: LogRows;
}

type Judged = Omit<PerformanceReport, 'detail'>;

/** Judges the current window against the windows before it, and finds the falls among them. */
export async function judgeRows(
  model: WatchedModel,
  question: PerformanceQuestion,
  { rows, metric, report }: Measured,
): Promise<Result<Judged, Failure>> {
  const { windowMs, asOf } = report;
  const isBits = isOfBits(metric, rows);
  const stream = `${model.version?.version ?? '-'}|${metric.identity}|${windowMs}`;
  const span = { windowMs, from: oldestOf(model, report), until: asOf };
  const places = await countGrid(model.log, span);
  if (!places.ok) return places;
  const windows = await measureGrid(model.log, { ...span, metric, stream }, model.kept, places.value);
  if (!windows.ok) return windows;
  const measured = await metric.measure(rows, { from: report.current.from, until: asOf });
  if (!measured.ok) return measured;
  const estimate = measured.value;
  const current = { ...report.current, estimate };
  const judged = await judgeHistory(model, question, { metric, current, windows: windows.value, windowMs });
  const detectors = await watchAll(model, question, { stream: `${model.version?.version ?? '-'}`, isBits, asOf });
  if (!detectors.ok) return detectors;
  const shownFrom = instantOf(asOf - SHOWN_WINDOWS * windowMs);
  const hasAlarm = detectors.value.some(({ alarms }) => alarms.some(({ at }) => at >= shownFrom));
  const change = await changeBehind(model, { judged, hasAlarm, isBits, windowMs, asOf });
  if (!change.ok) return change;
  const segments = await judgeSegments(model, { ...span, metric, stream, current, drop: judged.drop });
  if (!segments.ok) return segments;
  const { open, drop, missingWindows, isBlind, ...verdict } = judged;
  return ok({
    ...report,
    ...verdict,
    drop,
    current,
    windows: windows.value.filter((one) => one.from >= shownFrom),
    undecidedBecause: verdict.verdict === 'undecided' ? whyUndecided(estimate, { missingWindows, isBlind }) : undefined,
    metrics: everyMetric(rows, isBits, { [metric.name]: estimate }),
    segments: segments.value,
    detectors: detectors.value,
    change: change.value,
    episode:
      open === undefined
        ? undefined
        : episodeOf(model, open, {
            since: fallSince(open, change.value),
            now: estimate?.value,
            asOf,
            metric: metric.name,
          }),
  });
}

/**
 * The oldest window to measure. No window of another version, and none before a level that was called normal, is
 * measured.
 */
function oldestOf(
  model: WatchedModel,
  { windowMs, asOf }: Pick<PerformanceReport, 'windowMs' | 'asOf'>,
): Instant | undefined {
  const kept = model.kept === undefined ? Number.NEGATIVE_INFINITY : asOf - KEPT_WINDOWS * windowMs;
  const oldest = Math.max(kept, model.servedSince ?? Number.NEGATIVE_INFINITY);
  return Number.isFinite(oldest) ? instantOf(oldest) : undefined;
}

interface History {
  readonly metric: WatchedMetric;
  readonly current: PerformanceWindow;
  readonly windows: readonly PerformanceWindow[];
  readonly windowMs: number;
}

interface JudgedHistory extends DropJudgement {
  readonly drop: number;
  readonly evidence?: Estimate;
  readonly open?: OpenEpisode;
}

async function judgeHistory(
  model: WatchedModel,
  question: PerformanceQuestion,
  { metric, current, windows, windowMs }: History,
): Promise<JudgedHistory> {
  const stored = model.episodes?.open(metric.name, windowMs);
  const last = model.episodes?.last(metric.name, windowMs);
  const accepted = last?.isAccepted === true ? last.opened : Number.NEGATIVE_INFINITY;
  const begin = Math.max(accepted, stored?.opened ?? Number.NEGATIVE_INFINITY);
  const past = windows.filter(
    (one) => one.to <= current.from && one.from >= begin && one.labelled >= LEAST_LABELLED * one.predictions,
  );
  const { evidence, references } = await baselineOf(model, { metric, windowMs }, past);
  const isOutdated = last !== undefined && isGateOutdated(last, model.servedSince);
  const baseline = isOutdated ? [] : references;
  const measured = past.flatMap((one) => (one.estimate === undefined ? [] : [{ ...one, estimate: one.estimate }]));
  const drop = question.drop ?? usualDrop(metric, [...baseline, ...measured.map((one) => one.estimate)]);
  const rule = { drop, isHigherBetter: metric.isHigherBetter, worthless: worthlessOf(metric) };
  const all: readonly MeasuredWindow[] =
    current.estimate === undefined ? measured : [...measured, { ...current, estimate: current.estimate }];
  const carried = stored === undefined ? undefined : carriedOver(stored, model);
  const {
    before,
    references: compared,
    open,
  } = findEpisodes(
    {
      baseline,
      windows: all,
      open: carried,
      known: isOutdated && !last.isAccepted ? last.before : undefined,
      windowMs,
    },
    rule,
  );
  const shown = { drop, evidence: isOutdated ? undefined : evidence, open };
  if (before === undefined) return { ...shown, verdict: 'undecided', missingWindows: FEWEST_WINDOWS - compared };
  const judged = judgeAgainst(before, current.estimate, rule);
  if (current.estimate === undefined) return { ...judged, ...shown };
  if (open !== undefined) return { ...judged, ...shown, verdict: 'drift' };
  // A bad window that opens no episode is as some have been before, and good again right afterwards.
  return { ...judged, ...shown, verdict: judged.verdict === 'drift' ? 'stable' : judged.verdict };
}

/**
 * Whether the gate does not show the level to compare with. A gate that passed a version before a fall that was called
 * normal shows the level before that fall. A gate that passed a version during a fall was tested on rows of both
 * levels. In that case the version is compared with the level that it reached.
 */
function isGateOutdated({ opened, until, isAccepted }: LastEpisode, servedSince: Instant | undefined): boolean {
  if (isAccepted) return servedSince === undefined || servedSince <= opened;
  return servedSince !== undefined && servedSince >= opened && servedSince <= until;
}

const worthlessOf = ({ builtIn }: WatchedMetric): number | undefined =>
  builtIn === undefined ? undefined : worthlessValue(builtIn);

/**
 * A fall that has lasted longer than a window, or than the version in which it was found, takes more than one window to
 * end.
 */
function carriedOver({ opened, before, bad, ...stored }: StoredEpisode, model: WatchedModel): OpenEpisode {
  const isOld = model.now - stored.now > stored.windowMs || stored.version !== model.version?.version;
  return { since: opened, before, bad: [bad], isConfirmed: stored.isConfirmed || isOld };
}

/** The median over the windows, so that bad ones hardly count. */
function usualDrop(metric: WatchedMetric, references: readonly Estimate[]): number {
  if (metric.isShare) return DROP;
  return DROP_SHARE * (medianHigh(references.map((one) => Math.abs(one.value))) ?? 0);
}

interface Alarmed {
  readonly judged: JudgedHistory;
  readonly hasAlarm: boolean;
  readonly isBits: boolean;
  readonly windowMs: number;
  readonly asOf: Instant;
}

/**
 * The change behind a fall. If too few windows could be judged, the change behind an alarm on the stream of errors. A
 * move within the usual variation is not searched for, because reading all rows would make every check as slow as the
 * log is long.
 */
async function changeBehind(model: WatchedModel, { judged, hasAlarm, isBits, windowMs, asOf }: Alarmed) {
  const { open, verdict } = judged;
  const served = model.servedSince ?? Number.NEGATIVE_INFINITY;
  const span = { windowMs, isBits };
  if (open !== undefined) {
    const from = open.since - SHOWN_WINDOWS * windowMs;
    // A fall that began under an earlier version is searched for in that version's rows.
    const begin = open.since < served ? from : Math.max(from, served);
    const until = instantOf(Math.min(asOf, open.since + FORM_WINDOWS * windowMs));
    return describeChange(model.log, { ...span, from: instantOf(begin), until }, open.since);
  }
  if (verdict !== 'undecided' || !hasAlarm) return ok(undefined);
  const from = instantOf(Math.max(asOf - SHOWN_WINDOWS * windowMs, served));
  return describeChange(model.log, { ...span, from, until: asOf });
}

/** When an episode began. If the error was back for a while within it, the change is the newest of several rises. */
function fallSince(open: OpenEpisode, change: PerformanceChange | undefined): Instant | undefined {
  const returned = change?.returnedTo;
  if (returned === undefined || 'version' in returned) return change?.since;
  return returned.to > open.since ? returned.from : change?.since;
}

function episodeOf(
  model: WatchedModel,
  open: OpenEpisode,
  seen: { readonly since?: Instant; readonly now?: number; readonly asOf: Instant; readonly metric: string },
): PerformanceEpisode {
  const since = seen.since ?? open.since;
  const bad = meanOf(open.bad);
  return {
    since,
    opened: open.since,
    before: open.before,
    now: seen.now ?? bad.value,
    ageMs: Math.max(0, seen.asOf - since),
    bad,
    isConfirmed: open.isConfirmed,
    trainings: model.episodes?.trainingsSince(since) ?? { total: 0, refused: 0 },
    finding: model.episodes?.findingOf({ metric: seen.metric, opened: open.since }),
  };
}

function meanOf(estimates: readonly Estimate[]): Estimate {
  const count = estimates.length;
  const value = estimates.reduce((sum, one) => sum + one.value, 0) / count;
  const standardError = Math.sqrt(estimates.reduce((sum, one) => sum + one.standardError ** 2, 0)) / count;
  const rows = estimates.reduce((sum, one) => sum + one.rows, 0);
  return { value, standardError, lower: value - 1.96 * standardError, upper: value + 1.96 * standardError, rows };
}

function whyUndecided(
  estimate: Estimate | undefined,
  { missingWindows = 0, isBlind }: Pick<DropJudgement, 'missingWindows' | 'isBlind'>,
): string {
  if (estimate === undefined) return 'too-few-rows';
  if (isBlind === true) return 'blind: with so few rows even a worthless model would lie within the limit';
  const windows = missingWindows === 1 ? '1 more window is' : `${missingWindows} more windows are`;
  return `${windows} needed to know how far the metric swings`;
}

async function watchAll(
  model: WatchedModel,
  { detectors = ['ensemble'] }: PerformanceQuestion,
  { stream, isBits, asOf }: { readonly stream: string; readonly isBits: boolean; readonly asOf: Instant },
) {
  const watched = [];
  for (const detector of detectors) {
    const span = { detector, stream, isBits, until: asOf, from: model.servedSince };
    const one = await watchErrors(model.log, span, model.kept?.streams);
    if (!one.ok) return one;
    watched.push(one.value);
  }
  return ok(watched);
}

function everyMetric(
  { label, prediction }: LogRows,
  isBits: boolean,
  known: Readonly<Record<string, Estimate | undefined>>,
): Readonly<Record<string, Estimate>> {
  const names: readonly MetricName[] = metricsOf(isBits ? 'bits' : 'numbers');
  const others = Object.entries(known).filter(([name]) => !names.some((one) => one === name));
  const all = [...names.map((name) => [name, known[name] ?? measure(name, label, prediction)] as const), ...others];
  return Object.fromEntries(all.flatMap(([name, estimate]) => (estimate === undefined ? [] : [[name, estimate]])));
}
