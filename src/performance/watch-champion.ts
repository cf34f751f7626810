import type { Estimate, PerformanceReport } from '../domain/data/performance.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { PredictionLog } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { championOf } from '../models/champion.js';
import { championLog } from '../models/champion-log.js';
import { episodeFacts } from './episode-facts.js';
import type { WatchedModel } from './watched-model.js';

/** The champion's log with its earlier checks and what is kept between checks. */
export function watchedModel(services: Services, pipeline: Pipeline, when: When, log: PredictionLog): WatchedModel {
  const { performance } = services.registry;
  const champion = championOf(services, pipeline, when);
  return {
    ...championLog(services, pipeline, when, log),
    metrics: [],
    episodes: episodeFacts(services, pipeline.name, when),
    earlier: (metric, windowMs) => earlierOf(performance.checks(pipeline.name, CHECKS), { metric, windowMs, champion }),
    kept: {
      windows: (stream) => performance.windows(pipeline.name, stream),
      saveWindows: (stream, windows) => performance.saveWindows(pipeline.name, stream, windows),
      streams: {
        read: (stream) => performance.errorStream(pipeline.name, stream),
        save: (stream, state) => performance.saveErrorStream(pipeline.name, stream, state),
      },
    },
  };
}

/** Newest checks that are searched for those of earlier versions, and how many of these are used. */
const CHECKS = 500;
const MOST_EARLIER = 12;

/** For each check of an earlier version that found no drift: its value minus that of the version's gate. */
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
    // Overlapping windows are the same evidence, and a window cut short by a promotion is too short.
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
