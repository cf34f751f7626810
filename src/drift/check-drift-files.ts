import type { DriftReport } from '../domain/data/drift.js';
import type { Failure } from '../domain/failure.js';
import { AUTO } from '../domain/pipeline/drift-method.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { DriftOverrides } from './check-drift.js';
import { compareWindow } from './compare-window.js';
import { pastOfTable } from './earlier-windows.js';

/** Compares two sets of files from the command line. Works outside of a workspace and records nothing. */
export async function checkDriftFiles(
  services: Pick<Services, 'datasets'>,
  options: DriftOverrides & {
    readonly reference: readonly string[];
    readonly current: readonly string[];
    readonly time?: string;
    /** Rows at this time or later are ignored. */
    readonly until?: Instant;
    readonly label?: string;
    readonly ignore: readonly string[];
  },
): Promise<Result<DriftReport, Failure>> {
  const source = (paths: readonly string[]): TableSource => ({
    from: { kind: 'files', paths },
    timeColumn: options.time,
    until: options.until,
  });
  const reference = await services.datasets.profile(source(options.reference));
  if (!reference.ok) return reference;
  return compareWindow(services, {
    reference: reference.value,
    profile: services.datasets.profile,
    segment: (segment) => services.datasets.profile({ ...source(options.reference), segment }),
    table: async () => ok(source(options.reference)),
    applyAnswers: (finding) => finding,
    past: async (current) => ok(pastOfTable(source(options.reference), reference.value, current)),
    isClassified: options.isClassified === true,
    isPlotted: options.isPlotted,
    current: source(options.current),
    ignore: [...options.ignore, ...(options.time === undefined ? [] : [options.time])],
    sources: [options.reference.join(', '), options.current.join(', ')],
    methods: options.methods ?? AUTO,
    segments: options.segments ?? [],
    label: options.label,
  });
}
