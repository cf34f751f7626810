import { type DriftReport, hasMoved } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { type SeenColumn, traceColumn } from './judge/trace.js';

/** Newest windows that are used, and the least distance between their ends as a part of a window's length. */
const MOST_WINDOWS = 24;
const LEAST_SPACING = 0.25;

/** Stores what a check saw, for later checks. A second check of the same moment replaces the first. */
export function recordWindow(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  when: When,
  report: DriftReport,
): void {
  if (report.window !== undefined) services.registry.profiles.saveWindow(pipeline.name, when.now, report.window);
}

/** Adds to each column that moved its path through the stored windows, if there are enough of them. */
export function withTraces(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  report: DriftReport & { readonly window: TableProfile },
  now: Instant,
): DriftReport {
  const spacing = LEAST_SPACING * (pipeline.monitor?.current?.windowMs ?? 0);
  const past = services.registry.profiles.windows(pipeline.name, { before: now, limit: 10 * MOST_WINDOWS });
  const windows = [...spaced(past, spacing, now), { at: now, profile: report.window }];
  const features = report.features.map((feature) => {
    if (!hasMoved(feature)) return feature;
    const seen = windows.flatMap(({ at, profile }): readonly SeenColumn[] => {
      const column = profile.columns.find((one) => one.name === feature.name);
      return column === undefined ? [] : [{ at, column }];
    });
    const trace = traceColumn(seen);
    return trace === undefined ? feature : { ...feature, trace };
  });
  return { ...report, features };
}

/** Oldest first. Of windows that overlap by much, only the newest is used. */
function spaced<T extends { readonly at: Instant }>(newestFirst: readonly T[], spacing: number, now: Instant) {
  const kept: T[] = [];
  let next = now;
  for (const one of newestFirst) {
    if (one.at >= now || next - one.at < spacing || kept.length >= MOST_WINDOWS) continue;
    kept.unshift(one);
    next = one.at;
  }
  return kept;
}
