import type { Failure } from '../domain/failure.js';
import type { DataReport, Finding, OutlierColumn } from '../domain/finding.js';
import type { Dataset, Pipeline } from '../domain/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import type { TableProfile } from '../domain/profile.js';
import { err, ok, type Result } from '../domain/result.js';
import { type Instant, instantOf } from '../domain/time.js';
import { outlierBounds } from '../outliers/bounds.js';
import { judgeRows, profileChecks, rowChecks } from '../quality/declared-checks.js';
import { makeFinding } from '../quality/finding.js';
import { learnedFrom, learnedReport } from './learned.js';
import { type Past, triageWindow } from './past-windows.js';
import { datasetReference, referenceRun } from './reference.js';
import { emptyDataset, findStaleFeed, withStaleFeed } from './stale-feed.js';
import { datasetTable, type When, windowCut } from './window.js';

/** What `check-data` says of a pipeline without datasets. */
export const requireDatasets = (pipeline: Pipeline): Result<void, Failure> =>
  pipeline.datasets.length > 0
    ? ok(undefined)
    : err({
        code: 'section-missing',
        pipeline: pipeline.file,
        section: 'datasets',
        command: 'check-data',
        lines: 'datasets:\n  rows: { path: "data/*.csv" }',
      });

/** Looks at every dataset that has checks or is monitored: its window, or all rows where there is none. */
export async function checkData(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<readonly DataReport[], Failure>> {
  const learn = learnedFrom(services, pipeline);
  const reports: DataReport[] = [];
  for (const dataset of pipeline.datasets) {
    const report = await checkDataset(services, pipeline, dataset, when);
    if (!report.ok) return report;
    reports.push(learnedReport(learn, ofRows(report.value, dataset, pipeline, when)));
  }
  return ok(reports);
}

async function checkDataset(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  when: When,
): Promise<Result<DataReport, Failure>> {
  const { monitor } = pipeline;
  const windowMs = monitor?.current?.dataset === dataset.name ? monitor.current.windowMs : undefined;
  const table = await datasetTable(services, dataset, windowCut(windowMs, when.now));
  if (!table.ok) return table.error.code === 'data-empty' ? ok(nothingThere(dataset, table.error.detail)) : table;
  const profile = await services.datasets.profile(table.value);
  if (!profile.ok) return profile;
  const stale = await findStaleFeed(services, dataset, when);
  if (!stale.ok) return stale;
  const run = referenceRun(services, pipeline)?.run;
  const reference = run === undefined ? undefined : datasetReference(services, run, dataset.name);
  const ignore = monitor?.ignore ?? [];
  const compared =
    reference === undefined
      ? ok({ bugs: [], warnings: [] })
      : await triageWindow(services, [reference, profile.value], {
          dataset: dataset.name,
          ignore,
          past: () => pastOfDataset(services, dataset, { reference, windowMs, now: when.now }),
        });
  if (!compared.ok) return compared;
  const declared = await declaredFindings(services, dataset, table.value, profile.value);
  if (!declared.ok) return declared;
  const outliers = await countOutliers(services, dataset, table.value, profile.value);
  if (!outliers.ok) return outliers;
  const problems = [
    ...withStaleFeed(stale.value, [...compared.value.bugs, ...compared.value.warnings]),
    ...declared.value,
  ];
  return ok(summarize(dataset.name, profile.value.rows, problems, outliers.value));
}

/** The findings' conditions speak of the dataset's own rows, in the window that was looked at. */
function ofRows(report: DataReport, dataset: Dataset, { monitor }: Pipeline, when: When): DataReport {
  const windowMs = monitor?.current?.dataset === dataset.name ? monitor.current.windowMs : undefined;
  const { since, until } = windowCut(windowMs, when.now);
  const rowsIn =
    dataset.time === undefined
      ? {}
      : { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  return { ...report, problems: report.problems.map((one) => (one.sql === undefined ? one : { ...one, rowsIn })) };
}

/** Earlier windows of the dataset: those that the reference's rows end with. */
export async function pastOfDataset(
  services: Pick<Services, 'files'>,
  dataset: Dataset,
  window: { readonly reference: TableProfile; readonly windowMs: number | undefined; readonly now: Instant },
): Promise<Result<Past | undefined, Failure>> {
  const { reference, windowMs, now } = window;
  if (windowMs === undefined || dataset.time === undefined) return ok(undefined);
  const table = await datasetTable(services, dataset, { until: now });
  if (!table.ok) return table;
  const seen = reference.time?.column === dataset.time ? reference.time.to + 1 : now;
  return ok({ table: table.value, end: instantOf(Math.min(seen, now - windowMs)), lengthMs: windowMs });
}

const nothingThere = (dataset: Dataset, detail: string): DataReport =>
  summarize(dataset.name, 0, [emptyDataset(dataset.name, detail)], []);

function summarize(
  dataset: string | undefined,
  rows: number,
  problems: readonly Finding[],
  columns: readonly OutlierColumn[],
): DataReport {
  const failing = columns
    .filter((column) => column.action === 'fail' && column.count > 0)
    .map((column) =>
      makeFinding({
        ...(dataset === undefined ? {} : { dataset }),
        column: column.name,
        code: 'outliers',
        severity: 'error',
        detail: `${column.count} values lie outside ${column.lower} … ${column.upper}`,
        rows: column.count,
        evidence: { lower: column.lower, upper: column.upper },
      }),
    );
  const all = unique([...problems, ...failing]);
  const verdict = all.some((one) => one.severity === 'error') ? 'fail' : all.length > 0 ? 'warn' : 'pass';
  return {
    verdict,
    ...(dataset === undefined ? {} : { dataset }),
    rows,
    problems: all,
    outliers: { rows: columns.reduce((sum, column) => Math.max(sum, column.count), 0), columns },
    quarantined: 0,
  };
}

const unique = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((finding) => [finding.id, finding])).values(),
];

async function declaredFindings(
  services: Services,
  dataset: Dataset,
  table: TableSource,
  profile: TableProfile,
): Promise<Result<readonly Finding[], Failure>> {
  const found: Finding[] = [...profileChecks(dataset, profile)];
  for (const check of rowChecks(
    dataset,
    profile.columns.map((column) => column.name),
  )) {
    const bad = await services.datasets.countViolations(table, check.sql);
    if (!bad.ok) return bad;
    const finding = judgeRows(check, bad.value, profile.rows, dataset.name);
    if (finding !== undefined) found.push(finding);
  }
  return ok(found);
}

async function countOutliers(
  services: Services,
  dataset: Dataset,
  table: TableSource,
  profile: TableProfile,
): Promise<Result<readonly OutlierColumn[], Failure>> {
  const counted: OutlierColumn[] = [];
  for (const [name, { outliers }] of Object.entries(dataset.checks.columns)) {
    const numeric = profile.columns.find((column) => column.name === name)?.numeric;
    const bounds =
      outliers === undefined || numeric === undefined ? undefined : outlierBounds(numeric, outliers.method);
    if (outliers === undefined || bounds === undefined) continue;
    const id = `"${name.replaceAll('"', '""')}"`;
    const inside = `${id} IS NULL OR ${id} BETWEEN ${bounds.lower} AND ${bounds.upper}`;
    const count = await services.datasets.countViolations(table, inside);
    if (!count.ok) return count;
    counted.push({ name, ...outliers, ...bounds, count: count.value });
  }
  return ok(counted);
}

/** Files given on the command line: shape and content by themselves, nothing recorded. */
export async function checkDataFiles(
  services: Pick<Services, 'datasets'>,
  paths: readonly string[],
): Promise<Result<DataReport, Failure>> {
  const profile = await services.datasets.profile({ from: { kind: 'files', paths } });
  if (!profile.ok) return profile;
  const found = profile.value.columns
    .filter((column) => column.rows > 0 && column.missing === column.rows)
    .map((column) =>
      makeFinding({
        column: column.name,
        code: 'all-missing',
        severity: 'error',
        detail: 'every value is missing',
        rows: column.rows,
        evidence: {},
      }),
    );
  const empty = makeFinding({ code: 'empty', severity: 'error', detail: 'there are no rows', evidence: {} });
  return ok(summarize(undefined, profile.value.rows, profile.value.rows === 0 ? [empty] : found, []));
}
