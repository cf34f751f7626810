import { readAnswers, recordShown } from '../data/answered-findings.js';
import { openPipelineLog } from '../data/datasets/prediction-log.js';
import type { Finding } from '../domain/data/finding.js';
import type { PerformanceReport } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { Condition, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { DAY_MS, instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { earnedOf } from '../models/contestants.js';
import { findingOf, recordEpisode } from './episode-facts.js';
import { findMetric } from './judge/metrics/metrics.js';
import { measurePerformance } from './measure-performance.js';
import { ownMetrics } from './own-metric.js';
import { withReturnedWorld } from './returned-world.js';
import { describeEpisode } from './views/episode-sentence.js';
import { describePerformance } from './views/performance-sentence.js';
import { watchedModel } from './watch-champion.js';
import type { PerformanceQuestion } from './watched-model.js';

type PerformanceTrigger = Extract<Condition, { readonly kind: 'performance' }>;

/**
 * Measures the champion's predictions since it began to serve, joined with their labels. Records only what makes the
 * next check faster.
 */
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
  const told = await withReturnedWorld(services, pipeline, when, measured.value);
  const answered = answeredPerformance(withFinding(pipeline, told), readAnswers(services, pipeline));
  return ok({ ...answered, earned: earnedOf(services, pipeline, when) });
}

/** Also records the check in the registry, and its findings for `resolve`. */
export async function checkAndRecordPerformance(
  services: Services,
  pipeline: Pipeline,
  when: When,
  question: PerformanceQuestion = {},
): Promise<Result<PerformanceReport, Failure>> {
  const report = await checkPerformance(services, pipeline, when, question);
  if (!report.ok) return report;
  // An episode of a metric that is never asked for again would stay open for ever.
  const isUsual = question.metric === undefined && question.windowMs === undefined;
  recordPerformance(services, pipeline, when, { report: report.value, isWatched: isUsual });
  return report;
}

/**
 * Appends a check to the registry: what was measured and when, and for a watched metric the fall that began or ended.
 */
export function recordPerformance(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  { report, isWatched }: { readonly report: PerformanceReport; readonly isWatched: boolean },
): void {
  services.registry.performance.recordCheck({
    pipeline: pipeline.name,
    now: when.now,
    checkedAt: services.clock.now(),
    report,
  });
  if (isWatched) recordEpisode(services, pipeline, when, report);
  recordShown(services, pipeline, { findings: report.findings, when });
}

/** An open fall is also a finding, so that a person can call it normal. */
function withFinding(pipeline: Pipeline, report: PerformanceReport): PerformanceReport {
  const { metric, episode } = report;
  if (metric === undefined || episode === undefined) return report;
  const found = findingOf(pipeline.name, { metric, opened: episode.opened, detail: describeEpisode(metric, episode) });
  return { ...report, findings: [...report.findings, found] };
}

/**
 * Applies people's answers: a fault that was called normal becomes a warning. The verdict stays as judged, so with a
 * stopped feed it is still undecided.
 */
function answeredPerformance(
  report: PerformanceReport,
  applyAnswers: (finding: Finding) => Finding,
): PerformanceReport {
  return { ...report, findings: report.findings.map(applyAnswers) };
}

/**
 * Options that the command line leaves out come from the performance trigger, then from the gate, then from the log
 * itself.
 */
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
    metric,
  };
  return { ...bare, detail: describePerformance(bare) };
};
