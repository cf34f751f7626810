import { type ApplyAnswers, answeredTriage } from '../data/answered-findings.js';
import { type NamedColumns, unknownColumns } from '../data/judge/columns/unknown-columns.js';
import { withReadFindings } from '../data/judge/read-faults.js';
import type { Triage } from '../data/judge/triage-result.js';
import type { Past } from '../data/windows/past-windows.js';
import { readRows } from '../data/windows/read-rows.js';
import { triageWindow } from '../data/windows/triage-window.js';
import type { DriftReport, WindowSummary } from '../domain/data/drift.js';
import { knownTypes } from '../domain/data/known-types.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { classify } from './classify-windows.js';
import { type ContextOptions, withContext } from './column-context.js';
import { compareSegments, type SegmentValue } from './compare-segments.js';
import { findDataBugs } from './find-data-bugs.js';
import { LEAST_ROWS } from './judge/compare-column.js';
import { withDetail } from './judge/detail.js';
import { warnNewcomers } from './judge/effects/warn-newcomers.js';
import { comparableColumns, compareTables, NESTED, type TableOptions } from './judge/judge-table.js';
import { settleUnclear } from './judge/settle-unclear.js';
import { withSeason } from './same-season.js';

/** A window to judge and what it is compared with. */
export interface Comparison extends Omit<TableOptions, 'dataBugs' | 'tables'> {
  readonly reference: TableProfile;
  /** Profiles a window and counts its rows in the reference's cells. */
  readonly profile: Services['datasets']['profile'];
  /** Profile of one segment of the reference. */
  readonly segment: (segment: SegmentValue) => Promise<Result<TableProfile, Failure>>;
  /** The reference's own rows. Absent where only its profile is known. */
  readonly table?: () => Promise<Result<TableSource, Failure>>;
  /** Earlier windows as long as the current one, if the rows are ordered by time. */
  readonly past: (current: TableProfile) => Promise<Result<Past | undefined, Failure>>;
  readonly applyAnswers: ApplyAnswers;
  readonly isClassified: boolean;
  /** Whether the report holds the profiles, to draw them. */
  readonly isPlotted?: boolean;
  readonly current: TableSource;
  readonly dataset?: string;
  readonly segments: readonly string[];
  /** Where the user names columns of the two tables. */
  readonly named: readonly NamedColumns[];
  readonly sources: readonly [string, string];
  /** What the monitor has chosen as the reference. Absent for files from the command line. */
  readonly referenceOf?: WindowSummary['of'];
  /** Where columns come from. Absent for files from the command line. */
  readonly upstream?: NonNullable<ContextOptions['upstream']>;
  /** Adds what earlier windows show about this one. */
  readonly remember?: (report: DriftReport, window: TableProfile) => DriftReport;
}

/**
 * Reads the window once, counted in the reference's cells, and judges it. Then judges each segment that was asked for.
 */
export async function compareWindow(
  services: Pick<Services, 'datasets'>,
  asked: Comparison,
): Promise<Result<DriftReport, Failure>> {
  const { reference } = asked;
  const comparison = { ...asked, current: { ...asked.current, types: knownTypes(reference) } };
  const current = await comparison.profile(comparison.current, reference);
  if (!current.ok) return current;
  const triaged = await triageWindow(services, [reference, current.value], {
    ...comparison,
    findDataBugs,
    past: () => comparison.past(current.value),
    rows: async () => {
      const table = await comparison.table?.();
      if (table === undefined) return ok(undefined);
      if (!table.ok) return table;
      const profiles = { reference, current: current.value, ignore: comparison.ignore };
      return readRows(services, { reference: table.value, current: comparison.current }, profiles);
    },
  });
  if (!triaged.ok) return triaged;
  const withFiles = withReadFindings(triaged.value, [reference, current.value], {
    ...comparison,
    timeColumn: comparison.current.timeColumn,
  });
  const answered = answeredTriage(comparison.applyAnswers, withFiles);
  const seasoned = await withSeason(services, judge(reference, current.value, { ...comparison, triaged: answered }), {
    ...comparison,
    current: current.value,
    dataBugs: answered.bugs,
    unclear: answered.unclear,
  });
  if (!seasoned.ok) return seasoned;
  const judged = seasoned.value;
  const segments = await compareSegments(services, { ...comparison, dataBugs: judged.dataBugs });
  if (!segments.ok) return segments;
  const explained = await withContext(services, judged, { ...comparison, window: current.value });
  if (!explained.ok) return explained;
  const compared = comparison.isPlotted === true ? { reference, current: current.value } : undefined;
  const bare = { ...settleUnclear(explained.value), segments: segments.value, compared };
  const report = withDetail(comparison.remember?.(bare, current.value) ?? bare);
  const table = comparison.isClassified ? await comparison.table?.() : undefined;
  if (table === undefined) return ok(report);
  if (!table.ok) return table;
  const columns = comparableColumns(reference, current.value, comparison.ignore).map((pair) => pair.reference.name);
  const classifier = await classify(services, { reference: table.value, current: comparison.current, columns });
  return classifier.ok ? ok({ ...report, classifier: classifier.value }) : classifier;
}

function judge(
  reference: TableProfile,
  current: TableProfile,
  options: Comparison & { readonly triaged: Triage },
): DriftReport {
  const { bugs: dataBugs, unclear, warnings } = options.triaged;
  const waiting = warnings.flatMap((one) => (one.code === 'missing-column' ? (one.column ?? []) : []));
  const compared = compareTables(reference, current, { ...options, dataBugs, unclear, waiting });
  return {
    ...compared,
    ...(compared.verdict === 'undecided'
      ? { undecidedBecause: whyUndecided(compared.features, Math.min(reference.rows, current.rows)) }
      : {}),
    reference: { ...summarizeWindow(reference, options.sources[0]), of: options.referenceOf },
    current: summarizeWindow(current, options.sources[1]),
    dataBugs,
    unclear,
    warnings: [
      ...unknownColumns(options.named, namesOf(reference, current), {
        dataset: options.dataset,
        tables: 'neither table has it',
      }),
      ...warnings,
      ...warnNewcomers(reference, current, { ...options, ...compared, warned: warnings }),
    ],
    segments: [],
  };
}

const namesOf = (...tables: readonly TableProfile[]): readonly string[] =>
  tables.flatMap(({ columns }) => columns.map(({ name }) => name));

const whyUndecided = (features: DriftReport['features'], rows: number): string =>
  features.length === 0
    ? 'no-common-columns'
    : features.every((feature) => feature.verdict === 'finding')
      ? 'data-bugs'
      : features.every((feature) => feature.detail?.startsWith(NESTED))
        ? 'nested'
        : rows < LEAST_ROWS
          ? 'too-few-rows'
          : features.every((feature) => feature.undecidedBecause === 'blind')
            ? 'blind'
            : 'no-column-could-be-judged';

const summarizeWindow = (profile: TableProfile, source: string): WindowSummary => ({
  rows: profile.rows,
  source,
  from: profile.time === undefined ? undefined : profile.time.from,
  to: profile.time === undefined ? undefined : profile.time.to,
});
