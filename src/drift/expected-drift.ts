import type { Exclusion } from '../domain/data/dataset.js';
import { type DriftReport, type FeatureDrift, hasMoved, type SegmentDrift } from '../domain/data/drift.js';
import type { NamedEvent } from '../domain/data/named-event.js';
import type { Failure } from '../domain/failure.js';
import { ok, type Result } from '../domain/support/result.js';
import { stillUnclear } from './judge/judge-table.js';

/**
 * A drift during an event that was declared as expected is reported, but only the rest of the window counts.
 * `judgeWithout` judges that rest; `undefined` if rows cannot be separated by time.
 */
export async function expectDrift(
  report: DriftReport,
  events: readonly NamedEvent[],
  judgeWithout: ((spans: readonly Exclusion[]) => Promise<Result<DriftReport, Failure>>) | undefined,
): Promise<Result<DriftReport, Failure>> {
  const expected = events.filter((event) => event.effect === 'suppress');
  const isDrift = report.verdict === 'drift' || report.segments.some((one) => one.verdict === 'drift');
  if (!isDrift || expected.length === 0) return ok({ ...report, events });
  const rest = await judgeWithout?.(expected.map((event) => ({ since: event.from, until: event.until })));
  if (rest !== undefined && !rest.ok && rest.error.code !== 'data-empty') return rest;
  const outside = rest?.ok === true ? rest.value.features : [];
  const names = expected.map((event) => `"${event.name}"`).join(', ');
  const features = report.features.map((feature) => judgeBy(feature, outside, names));
  const drifted = features.filter(hasMoved).length;
  const total = drifted + features.filter((feature) => feature.verdict === 'stable').length;
  const others = rest?.ok === true ? rest.value.segments : [];
  const segments = report.segments.map((segment) => judgeSegment(segment, others, names));
  const base = {
    ...report,
    features,
    segments,
    unclear: stillUnclear(report.unclear, features),
    drifted,
    total,
    events,
  };
  if (drifted > 0 || report.verdict !== 'drift') return ok(base);
  return ok(
    total > 0 ? { ...base, verdict: 'stable' } : { ...base, verdict: 'undecided', undecidedBecause: 'expected-event' },
  );
}

function judgeBy(feature: FeatureDrift, outside: readonly FeatureDrift[], names: string): FeatureDrift {
  if (!hasMoved(feature)) return feature;
  const rest = outside.find((one) => one.name === feature.name);
  if (rest !== undefined && hasMoved(rest)) return feature;
  const detail = `expected during ${names}${feature.detail === undefined ? '' : `: ${feature.detail}`}`;
  const { trace: _, ...now } = feature;
  return { ...now, verdict: rest?.verdict === 'stable' ? 'stable' : 'undecided', isExpected: true, detail };
}

/** The segment by the rest of its rows, like the table. */
function judgeSegment(segment: SegmentDrift, outside: readonly SegmentDrift[], names: string): SegmentDrift {
  if (segment.verdict !== 'drift') return segment;
  const rest = outside.find((one) => one.name === segment.name && one.value === segment.value);
  if (rest?.verdict === 'drift') return { ...segment, drifted: rest.drifted, detail: rest.detail };
  const detail = `expected during ${names}${segment.detail === undefined ? '' : `: ${segment.detail}`}`;
  return { ...segment, verdict: rest?.verdict === 'stable' ? 'stable' : 'undecided', drifted: [], detail };
}

/**
 * Logged rows cannot be judged without an event's rows, so all of their drift during an expected event counts as
 * expected.
 */
export function expectRoles(features: readonly FeatureDrift[], events: readonly NamedEvent[]): readonly FeatureDrift[] {
  const names = events.filter((event) => event.effect === 'suppress').map((event) => `"${event.name}"`);
  return names.length === 0 ? features : features.map((feature) => judgeBy(feature, [], names.join(', ')));
}
