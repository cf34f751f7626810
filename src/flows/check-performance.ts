import { findMetric } from '../concept/metrics/windows.js';
import type { Failure } from '../domain/failure.js';
import type { Finding } from '../domain/finding.js';
import type { ModelVersion } from '../domain/model.js';
import type { Estimate, PerformanceReport } from '../domain/performance.js';
import type { Condition, Pipeline } from '../domain/pipeline.js';
import type { LogRows, PredictionLog, PredictionSources } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import { DAY_MS, instantOf } from '../domain/time.js';
import { describePerformance } from '../report/performance-sentence.js';
import { earnedOf } from './earned.js';
import { learnedFrom, recordShown } from './learned.js';
import { measurePerformance } from './measure-performance.js';
import { ownMetrics } from './own-metric.js';
import { openPipelineLog } from './prediction-log.js';
import { CHAMPION, championOf, isPast } from './reference.js';
import type { PerformanceQuestion, WatchedModel } from './watched-model.js';
import type { When } from './window.js';

type PerformanceTrigger = Extract<Condition, { readonly kind: 'performance' }>;

/** The champion's predictions since it serves, joined with what came true. Nothing is recorded but what makes the next look cheap. */
export async function checkPerformance(
  services: Services,
  pipeline: Pipeline,
  when: When,
  question: PerformanceQuestion = {},
): Promise<Result<PerformanceReport, Failure>> {
  const opened = await openPipelineLog(services, pipeline, when);
  if (!opened.ok) return opened;
  const asked = asksOf(pipeline, question);
  const delayMs = pipeline.monitor?.labels?.delayMs ?? 0;
  if (opened.value === undefined) return ok(nothingLogged(asked, when, delayMs));
  await using log = opened.value;
  const metrics = await ownMetrics(services, pipeline, log);
  if (!metrics.ok) return metrics;
  const model = { ...watchedModel(services, pipeline, when, log), metrics: metrics.value };
  const measured = await measurePerformance(model, asked);
  if (!measured.ok) return measured;
  const learned = learnedPerformance(measured.value, learnedFrom(services, pipeline));
  return ok({ ...learned, earned: earnedOf(services, pipeline, when) });
}

/** The same as a row of the registry, its findings made known to `resolve`. */
export async function checkAndRecordPerformance(
  services: Services,
  pipeline: Pipeline,
  when: When,
  question: PerformanceQuestion = {},
): Promise<Result<PerformanceReport, Failure>> {
  const report = await checkPerformance(services, pipeline, when, question);
  if (!report.ok) return report;
  recordPerformance(services, pipeline, when, report.value);
  recordShown(services, pipeline, { findings: report.value.findings, when });
  return report;
}

/** A check as a row of the ledger: what was measured, and when. */
export const recordPerformance = (
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  report: PerformanceReport,
): void =>
  services.registry.performance.recordCheck({
    pipeline: pipeline.name,
    now: when.now,
    checkedAt: services.clock.now(),
    report,
  });

/** A fault that a human has called normal is a warning; then the rest is judged as it is, which a stopped feed leaves undecided. */
function learnedPerformance(report: PerformanceReport, learn: (finding: Finding) => Finding): PerformanceReport {
  return { ...report, findings: report.findings.map(learn) };
}

/** What the command line leaves open, the performance trigger says; then the gate; then the log itself. */
function asksOf(pipeline: Pipeline, question: PerformanceQuestion): PerformanceQuestion {
  const trigger = pipeline.retrain === undefined ? undefined : performanceTrigger(pipeline.retrain.when);
  const own = pipeline.monitor?.metrics.map((one) => one.name) ?? [];
  const gated = pipeline.model?.gate.flatMap((rule) => (rule.kind === 'metric' ? [rule.metric] : [])) ?? [];
  const metric =
    question.metric ?? trigger?.metric ?? gated.find((name) => findMetric(name) !== undefined || own.includes(name));
  const isSame = metric === trigger?.metric;
  const windowMs = question.windowMs ?? (isSame ? trigger?.windowMs : undefined) ?? pipeline.monitor?.current?.windowMs;
  const drop = question.drop ?? (isSame ? trigger?.drop : undefined);
  return {
    ...question,
    windowMs: windowMs ?? 7 * DAY_MS,
    ...(metric === undefined ? {} : { metric }),
    ...(drop === undefined ? {} : { drop }),
  };
}

function performanceTrigger(condition: Condition): PerformanceTrigger | undefined {
  if ('at' in condition) return condition.kind === 'performance' ? condition : undefined;
  if (condition.kind === 'not') return performanceTrigger(condition.of);
  return condition.of.map(performanceTrigger).find((one) => one !== undefined);
}

const nothingLogged = ({ windowMs = 7 * DAY_MS, metric }: PerformanceQuestion, { now }: When, delayMs: number) => {
  const bare = {
    verdict: 'undecided' as const,
    undecidedBecause: 'no-predictions',
    windowMs,
    delayMs,
    asOf: instantOf(now - delayMs),
    windows: [],
    metrics: {},
    segments: [],
    detectors: [],
    findings: [],
    counts: { predictions: 0, labelled: 0, unusable: 0, waiting: 0 },
    earned: [],
    ...(metric === undefined ? {} : { metric }),
  };
  return { ...bare, detail: describePerformance(bare) };
};

/** The log with what the registry knows of the champion whose predictions it holds. */
export function watchedModel(services: Services, pipeline: Pipeline, when: When, log: PredictionLog): WatchedModel {
  const { models, performance } = services.registry;
  const champion = championOf(services, pipeline, when);
  const since =
    champion === undefined
      ? undefined
      : isPast(services, pipeline, when)
        ? models.aliasAt(champion.model, CHAMPION, when.now)
        : models.alias(champion.model, CHAMPION);
  let gate: Promise<Pick<LogRows, 'label' | 'prediction'> | undefined> | undefined;
  return {
    log,
    now: when.now,
    delayMs: pipeline.monitor?.labels?.delayMs ?? 0,
    segments: pipeline.monitor?.segments ?? [],
    metrics: [],
    atGate: () => {
      gate ??= readGateRows(services, champion);
      return gate;
    },
    gateMetrics: gateEvaluation(services, champion)?.metrics ?? {},
    earlier: (metric, windowMs) => earlierOf(performance.checks(pipeline.name, CHECKS), { metric, windowMs, champion }),
    kept: {
      windows: (stream) => performance.windows(pipeline.name, stream),
      saveWindows: (stream, windows) => performance.saveWindows(pipeline.name, stream, windows),
      streams: {
        read: (stream) => performance.errorStream(pipeline.name, stream),
        save: (stream, state) => performance.saveErrorStream(pipeline.name, stream, state),
      },
    },
    ...(champion === undefined ? {} : { version: { model: champion.model, version: champion.version } }),
    ...(since === undefined ? {} : { servedSince: since.now }),
  };
}

/** Newest checks that are looked through for those of earlier versions, and how many of them are taken. */
const CHECKS = 500;
const MOST_EARLIER = 12;

/** Checks of earlier versions, a window each, that were not called drift: their value less that of their gate. */
function earlierOf(
  checks: readonly PerformanceReport[],
  {
    metric,
    windowMs,
    champion,
  }: { readonly metric: string; readonly windowMs: number; readonly champion: ModelVersion | undefined },
): readonly Pick<Estimate, 'value' | 'standardError'>[] {
  const found: Pick<Estimate, 'value' | 'standardError'>[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const { version, verdict, current, evidence, ...one } of checks) {
    if (found.length >= MOST_EARLIER) break;
    if (champion === undefined || version === undefined || version.version === champion.version) continue;
    if (one.metric !== metric || one.windowMs !== windowMs || verdict === 'drift') continue;
    // windows that overlap are the same evidence, and one cut short by a promotion is none of its length
    if (current?.estimate === undefined || evidence === undefined || next - one.asOf < windowMs) continue;
    if (current.to - current.from < windowMs / 2) continue;
    next = one.asOf;
    found.push({
      value: current.estimate.value - evidence.value,
      standardError: Math.hypot(current.estimate.standardError, evidence.standardError),
    });
  }
  return found;
}

/** How it was scored for the gate that let it serve; else its first scoring. */
function gateEvaluation({ registry }: Pick<Services, 'registry'>, champion: ModelVersion | undefined) {
  if (champion === undefined) return undefined;
  const [passed] = registry.models.gateVerdicts(champion).filter((one) => one.verdict === 'pass');
  const id = passed?.candidateEvaluation;
  return (
    (id === undefined ? undefined : registry.models.evaluation(id)) ?? registry.models.evaluations(champion).at(-1)
  );
}

async function readGateRows(services: Services, champion: ModelVersion | undefined) {
  const hash = gateEvaluation(services, champion)?.predictions;
  const path = hash === undefined ? undefined : await services.artifacts.objectPath(hash);
  if (path === undefined) return undefined;
  const read = await services.datasets.readColumns({ from: { kind: 'files', paths: [path] } }, ['label', 'prediction']);
  const column = (name: string): Float64Array =>
    Float64Array.from(read.ok ? (read.value.get(name) ?? []) : [], (cell) =>
      typeof cell === 'number' ? cell : Number.NaN,
    );
  const [label, prediction] = [column('label'), column('prediction')];
  const isUsable =
    label.length > 0 && label.length === prediction.length && ![...label, ...prediction].some(Number.isNaN);
  return isUsable ? { label, prediction } : undefined;
}

export interface PerformanceFiles extends PerformanceQuestion {
  /** Absolute paths. */
  readonly predictions: readonly string[];
  readonly labels?: readonly string[];
  readonly time: string;
  readonly key?: string;
  readonly prediction: string;
  readonly label: string;
  readonly delayMs: number;
  readonly segments: readonly string[];
}

/** Files given on the command line: works anywhere, records nothing; the windows before are all there is to compare with. */
export async function checkPerformanceFiles(
  services: Pick<Services, 'datasets'>,
  { now, isNowGiven }: When,
  files: PerformanceFiles,
): Promise<Result<PerformanceReport, Failure>> {
  const { time, prediction, label, key, labels } = files;
  const sources: PredictionSources = {
    predictions: { paths: files.predictions, time, prediction, ...(key === undefined ? {} : { key }) },
    labels:
      labels === undefined ? { from: 'predictions', label } : { from: 'files', paths: labels, key: key ?? '', label },
    segments: files.segments,
  };
  const opened = await services.datasets.openPredictionLog(sources);
  if (!opened.ok) return opened;
  await using log = opened.value;
  const counted = await log.counts();
  if (!counted.ok) return counted;
  if (counted.value.rows === 0 && counted.value.unusable === 0)
    return err({ code: 'data-empty', source: 'predictions', detail: 'the files have no rows' });
  // recorded files end where they end: only a time that was asked for makes them stale
  const end = counted.value.to === undefined ? now : instantOf(counted.value.to + 1 + files.delayMs);
  // awaited here: the log is closed when this returns
  return await measurePerformance(
    {
      log,
      now: isNowGiven ? now : end,
      delayMs: files.delayMs,
      segments: files.segments,
      metrics: [],
      atGate: async () => undefined,
      gateMetrics: {},
      earlier: () => [],
    },
    files,
  );
}
