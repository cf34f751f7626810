import type { When } from '../data/windows/window.js';
import type { Estimate, PerformanceReport } from '../domain/data/performance.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { LogRows, PredictionLog } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION, championOf, isPast } from '../models/reference.js';
import type { WatchedModel } from './watched-model.js';

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
    version: champion === undefined ? undefined : { model: champion.model, version: champion.version },
    servedSince: since === undefined ? undefined : since.now,
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
