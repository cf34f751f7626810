import type { PerformanceReport } from '../domain/data/performance.js';
import type { Measurements } from '../domain/decisions/measurements.js';
import { performanceKey } from '../domain/decisions/measurements.js';
import type { Condition, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { checkPerformance, recordPerformance } from './check-performance.js';

type Leaf = Extract<Condition, { readonly at: unknown }>;

/**
 * Measures what the declared performance triggers ask for. If a log cannot be read, its triggers are undecided and the
 * others are not affected.
 */
export async function measurePerformances(
  services: Services,
  pipeline: Pipeline,
  when: When,
  { leaves, isRecorded }: { readonly leaves: readonly Leaf[]; readonly isRecorded: boolean },
): Promise<NonNullable<Measurements['performance']>> {
  const found: Record<string, PerformanceReport | string> = {};
  for (const leaf of leaves) {
    if (leaf.kind !== 'performance') continue;
    const { metric, drop, windowMs } = leaf;
    const report = await checkPerformance(services, pipeline, when, {
      metric,
      drop,
      windowMs,
    });
    if (report.ok && isRecorded) recordPerformance(services, pipeline, when, { report: report.value, isWatched: true });
    found[performanceKey(leaf)] = report.ok ? report.value : reasonOf(report.error);
  }
  return found;
}

const reasonOf = (failure: {
  readonly code: string;
  readonly reason?: string;
  readonly section?: string;
  readonly name?: string;
}): string => [failure.code, failure.section ?? failure.reason ?? failure.name].filter(Boolean).join(': ');
