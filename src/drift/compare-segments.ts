import { hasMoved, type SegmentDrift } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { compareTables, type TableOptions } from './judge/judge-table.js';

/** The most frequent values of a segment column that are judged. */
const MOST_VALUES = 20;
/** A value with fewer rows in the reference is not judged, because the result would always be undecided. */
const LEAST_ROWS = 50;

export interface SegmentValue {
  readonly column: string;
  readonly value: string;
}

interface SegmentsOptions extends TableOptions {
  readonly reference: TableProfile;
  readonly segment: (segment: SegmentValue) => Promise<Result<TableProfile, Failure>>;
  readonly current: TableSource;
  readonly segments: readonly string[];
}

/** Judges every value of the segment columns by itself, drifting ones first. All of them share the false alarms. */
export async function compareSegments(
  services: Pick<Services, 'datasets'>,
  options: SegmentsOptions,
): Promise<Result<readonly SegmentDrift[], Failure>> {
  const values = options.segments.flatMap((column) => valuesOf(options.reference, column));
  const found: SegmentDrift[] = [];
  for (const segment of values) {
    const reference = await options.segment(segment);
    if (!reference.ok) return reference;
    const current = await services.datasets.profile({ ...options.current, segment }, reference.value);
    if (!current.ok) return current;
    found.push(
      judge(segment, { reference: reference.value, current: current.value }, { ...options, tables: values.length }),
    );
  }
  return ok(found.sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]));
}

const ORDER = { drift: 0, stable: 1, undecided: 2 } as const;

const valuesOf = (reference: TableProfile, column: string): readonly SegmentValue[] =>
  (reference.columns.find((one) => one.name === column)?.categories?.top ?? [])
    .filter((one) => one.count >= LEAST_ROWS)
    .slice(0, MOST_VALUES)
    .map((one) => ({ column, value: one.value }));

function judge(
  segment: SegmentValue,
  profiles: { readonly reference: TableProfile; readonly current: TableProfile },
  options: TableOptions,
): SegmentDrift {
  const compared = compareTables(profiles.reference, profiles.current, {
    ...options,
    ignore: [...options.ignore, segment.column],
  });
  const drifting = compared.features.filter(hasMoved);
  const first = drifting[0];
  return {
    name: segment.column,
    value: segment.value,
    verdict: compared.verdict,
    rows: profiles.current.rows,
    drifted: drifting.map((feature) => feature.name),
    detail: first?.detail === undefined ? undefined : `${first.name}: ${first.detail}`,
  };
}
