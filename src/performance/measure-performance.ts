import { findLogFaults } from '../data/judge/log-faults.js';
import type { Finding } from '../domain/data/finding.js';
import type { Estimate, PerformanceReport, PerformanceWindow, WithoutLabels } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogCounts, LogRows, PredictionLog } from '../domain/ports/prediction-log.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';
import {
  findMetric,
  isHigherBetter,
  type MetricName,
  measure,
  metricsOf,
  usualMetric,
} from './judge/metrics/windows.js';
import { FEWEST_WINDOWS, judgeDrop } from './judge/performance-drop.js';
import { estimatePerformance } from './judge/unlabelled/estimate-performance.js';
import { comparePredictions } from './judge/unlabelled/prediction-drift.js';
import { judgeSegments } from './judge-segments.js';
import { countGrid, labelledRows, measureGrid } from './measure-grid.js';
import { describePerformance } from './views/performance-sentence.js';
import { describeChange, watchErrors } from './watch-errors.js';
import { builtIn, isOfBits, knownMetrics, type WatchedMetric, watchedMetric } from './watched-metric.js';
import type { PerformanceQuestion, WatchedModel } from './watched-model.js';

/** Windows before the current one that the limit is taken from. */
const MOST_WINDOWS = 26;
/** Share of a window's predictions that must have a label for it to say how the metric swings. */
const LEAST_LABELLED = 0.5;
/** The least fall that matters where nobody says: of a metric from 0 to 1, and as a share of any other. */
const DROP = 0.02;
const DROP_SHARE = 0.05;

const EMPTY = { windows: [], metrics: {}, segments: [], detectors: [], findings: [], earned: [] } as const;

/** Measures a model on what came true: by windows, against its own gate and its own swings; and when it changed, and how. */
export async function measurePerformance(
  model: WatchedModel,
  question: PerformanceQuestion,
): Promise<Result<PerformanceReport, Failure>> {
  const { log, delayMs, servedSince } = model;
  const counted = await log.counts();
  if (!counted.ok) return counted;
  const counts = counted.value;
  if (counts.rows === 0 && counts.unusable > 0)
    return err({
      code: 'data-unreadable',
      source: 'predictions',
      reason: `none of ${counts.unusable} rows has a time and a finite prediction: are the columns named rightly?`,
    });
  const asOf = instantOf(model.now - delayMs);
  const windowMs = question.windowMs ?? usualWindow(counts);
  const from = instantOf(Math.max(asOf - windowMs, servedSince ?? Number.NEGATIVE_INFINITY));
  const base = {
    windowMs,
    delayMs,
    asOf,
    ...EMPTY,
    version: model.version,
  };
  const waiting = await countBetween(log, asOf, model.now);
  if (!waiting.ok) return waiting;
  const seen = {
    predictions: counts.rows,
    labelled: counts.labelled,
    unusable: counts.unusable,
    waiting: waiting.value,
  };
  const read = await log.rows({ from, until: asOf });
  if (!read.ok) return read;
  const all = read.value;
  const rows = labelledRows(all);
  const current: PerformanceWindow = { from, to: asOf, predictions: all.time.length, labelled: rows.time.length };
  const chosen = chooseMetric(question.metric, rows, model);
  if (!chosen.ok) return chosen;
  const metric = chosen.value;
  const report = { ...base, counts: seen, current, metric: metric === undefined ? undefined : metric.name };
  const faults = findLogFaults({
    counts,
    current,
    asOf,
    windowMs,
    servedSince,
  });
  const undecided = async (because: string, findings: readonly Finding[] = []) =>
    ok(
      withDetail({
        ...report,
        verdict: 'undecided',
        undecidedBecause: because,
        findings,
        ...(rows.time.length > 0 ? {} : { withoutLabels: await lookWithoutLabels(model, metric?.name ?? 'auc', all) }),
      }),
    );
  if (faults.length > 0 && faults.some((one) => one.severity === 'error'))
    return undecided(faults[0]?.code ?? '', faults);
  if (counts.rows === 0 || all.time.length === 0) return undecided('no-predictions', faults);
  if (metric === undefined || rows.time.length === 0) return undecided('no-labels', faults);
  return judgeRows(model, question, { report: { ...report, findings: faults }, metric, rows });
}

interface Measured {
  readonly report: Omit<PerformanceReport, 'verdict' | 'detail'> & { readonly current: PerformanceWindow };
  readonly metric: WatchedMetric;
  readonly rows: LogRows;
}

async function judgeRows(
  model: WatchedModel,
  question: PerformanceQuestion,
  { rows, metric, report }: Measured,
): Promise<Result<PerformanceReport, Failure>> {
  const { log, kept, servedSince } = model;
  const { windowMs, asOf } = report;
  const isBits = isOfBits(metric, rows);
  const stream = `${model.version?.version ?? '-'}|${metric.identity}|${windowMs}`;
  const oldest = instantOf(Math.max(asOf - (MOST_WINDOWS + 1) * windowMs, servedSince ?? Number.NEGATIVE_INFINITY));
  const span = { windowMs, from: oldest, until: asOf };
  const places = await countGrid(log, span);
  if (!places.ok) return places;
  const windows = await measureGrid(log, { ...span, metric, stream }, kept, places.value);
  if (!windows.ok) return windows;
  const measured = await metric.measure(rows, { from: report.current.from, until: asOf });
  if (!measured.ok) return measured;
  const estimate = measured.value;
  const current = { ...report.current, ...(estimate === undefined ? {} : { estimate }) };
  const past = windows.value.filter(
    (one) => one.to <= current.from && one.labelled >= LEAST_LABELLED * one.predictions,
  );
  const evidence = await evidenceOf(model, metric, past);
  const own = [...(evidence === undefined ? [] : [evidence]), ...past.flatMap((one) => one.estimate ?? [])];
  const references = [
    ...own,
    ...borrowed(model, { metric: metric.name, windowMs, evidence, missing: FEWEST_WINDOWS - own.length }),
  ];
  const rule = { drop: question.drop ?? usualDrop(metric, references), isHigherBetter: metric.isHigherBetter };
  const judged = judgeDrop(references, estimate, rule);
  const detectors = await watchAll(model, question, { stream: `${model.version?.version ?? '-'}`, isBits, asOf });
  if (!detectors.ok) return detectors;
  const hasAlarm = detectors.value.some(({ alarms }) => alarms.some(({ at }) => at >= oldest));
  // what moved within the usual swing is no news, and reading all of it would make every check as long as the log
  const isNews = judged.verdict === 'drift' || (judged.verdict === 'undecided' && hasAlarm);
  const change = isNews ? await describeChange(log, { windowMs, isBits, from: oldest, until: asOf }) : ok(undefined);
  if (!change.ok) return change;
  const segments = await judgeSegments(model, { ...span, metric, stream, current, drop: rule.drop });
  if (!segments.ok) return segments;
  return ok(
    withDetail({
      ...report,
      current,
      windows: windows.value,
      verdict: judged.verdict,
      ...(judged.verdict === 'undecided' ? { undecidedBecause: whyUndecided(estimate, judged.missingWindows) } : {}),
      ...(evidence === undefined ? {} : { evidence }),
      ...(judged.reference === undefined ? {} : { reference: judged.reference }),
      ...(judged.fall === undefined ? {} : { fall: judged.fall }),
      ...(judged.limit === undefined ? {} : { limit: judged.limit }),
      ...(judged.spread === undefined ? {} : { spread: judged.spread }),
      drop: rule.drop,
      metrics: everyMetric(rows, isBits, { [metric.name]: estimate }),
      segments: segments.value,
      detectors: detectors.value,
      ...(change.value === undefined ? {} : { change: change.value }),
    }),
  );
}

const whyUndecided = (estimate: Estimate | undefined, missing: number | undefined): string =>
  estimate === undefined
    ? 'too-few-rows'
    : `${missing === 1 ? '1 more window is' : `${missing ?? 0} more windows are`} needed to know how far the metric swings`;

const withDetail = (report: Omit<PerformanceReport, 'detail'>): PerformanceReport => ({
  ...report,
  detail: describePerformance(report),
});

/** Weeks for a log of months, days for one of days, else hours. */
function usualWindow({ from, to }: LogCounts): number {
  const length = from === undefined || to === undefined ? 0 : to - from;
  if (length >= 28 * DAY_MS || length === 0) return 7 * DAY_MS;
  return length >= 4 * DAY_MS ? DAY_MS : DAY_MS / 24;
}

const usualDrop = (metric: WatchedMetric, references: readonly Estimate[]): number => {
  const mean = references.reduce((sum, one) => sum + Math.abs(one.value), 0) / Math.max(1, references.length);
  return metric.isShare ? DROP : DROP_SHARE * mean;
};

/** As asked; else the first metric of the gate that is known; else what fits the labels. */
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

/**
 * A model that was just trained has no windows of its own. How far earlier versions came out beside their gates says how far
 * this one may, so that a model that is trained every week is watched too.
 */
function borrowed(
  model: WatchedModel,
  {
    metric,
    windowMs,
    evidence,
    missing,
  }: {
    readonly metric: string;
    readonly windowMs: number;
    readonly evidence: Estimate | undefined;
    readonly missing: number;
  },
): readonly Estimate[] {
  if (evidence === undefined || missing <= 0) return [];
  return model.earlier(metric, windowMs).map((one) => ({ ...evidence, ...one, value: evidence.value + one.value }));
}

/** The champion's value at its gate, with its interval where its predictions are kept. */
async function evidenceOf(
  model: WatchedModel,
  metric: WatchedMetric,
  past: readonly PerformanceWindow[],
): Promise<Estimate | undefined> {
  const gate = metric.builtIn === undefined ? undefined : await model.atGate();
  const measured =
    gate === undefined || metric.builtIn === undefined
      ? undefined
      : measure(metric.builtIn, gate.label, gate.prediction);
  if (measured !== undefined) return measured;
  const named = Object.entries(model.gateMetrics).find(
    ([name]) => watchedMetric(name, model.metrics)?.name === metric.name,
  );
  if (named === undefined) return undefined;
  const [, value] = named;
  // without its rows it is as sure as a window of the log is
  const errors = past.flatMap((one) => one.estimate?.standardError ?? []);
  const standardError = errors.length === 0 ? 0 : errors.reduce((sum, one) => sum + one, 0) / errors.length;
  return { value, standardError, lower: value - 1.96 * standardError, upper: value + 1.96 * standardError, rows: 0 };
}

async function watchAll(
  model: WatchedModel,
  { detectors = ['ensemble'] }: PerformanceQuestion,
  { stream, isBits, asOf }: { readonly stream: string; readonly isBits: boolean; readonly asOf: Instant },
) {
  const watched = [];
  for (const detector of detectors) {
    const one = await watchErrors(
      model.log,
      {
        detector,
        stream,
        isBits,
        until: asOf,
        from: model.servedSince,
      },
      model.kept?.streams,
    );
    if (!one.ok) return one;
    watched.push(one.value);
  }
  return ok(watched);
}

const everyMetric = (
  { label, prediction }: LogRows,
  isBits: boolean,
  known: Readonly<Record<string, Estimate | undefined>>,
): Readonly<Record<string, Estimate>> => {
  const names: readonly MetricName[] = metricsOf(isBits ? 'bits' : 'numbers');
  const others = Object.entries(known).filter(([name]) => !names.some((one) => one === name));
  const all = [...names.map((name) => [name, known[name] ?? measure(name, label, prediction)] as const), ...others];
  return Object.fromEntries(all.flatMap(([name, estimate]) => (estimate === undefined ? [] : [[name, estimate]])));
};

async function countBetween(log: PredictionLog, from: Instant, until: Instant): Promise<Result<number, Failure>> {
  if (until <= from) return ok(0);
  const found = await log.windows({ anchor: from, windowMs: until - from }, { from, until });
  return found.ok ? ok(found.value.reduce((sum, one) => sum + one.rows, 0)) : found;
}

/** Outputs against those at the gate, and the metric that their probabilities would give. */
async function lookWithoutLabels(model: WatchedModel, metric: string, { prediction }: LogRows): Promise<WithoutLabels> {
  const gate = await model.atGate();
  if (gate === undefined || prediction.length === 0) return {};
  const found = findMetric(metric);
  const atGate = found === undefined ? undefined : measure(found, gate.label, gate.prediction);
  const value = found === undefined ? undefined : estimatePerformance(found, gate, prediction);
  const predictionDrift = comparePredictions(gate.prediction, prediction);
  if (found === undefined || value === undefined || atGate === undefined) return { predictionDrift };
  const fall = isHigherBetter(found) ? atGate.value - value : value - atGate.value;
  return { predictionDrift, estimated: { metric, value, atGate: atGate.value, fall } };
}
