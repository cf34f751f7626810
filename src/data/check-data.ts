import type { DataReport, Finding } from '../domain/data/finding.js';
import { knownTypes } from '../domain/data/known-types.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { DataChecks } from '../domain/pipeline/data-checks.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Instant, instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { referenceRun } from '../models/champion.js';
import { answeredReport, readAnswers, recordShown } from './answered-findings.js';
import { checkTable, reportOf, type TableToCheck } from './check-table.js';
import type { Cut } from './datasets/dataset-files.js';
import { type NamedColumns, unknownColumns } from './judge/columns/unknown-columns.js';
import { freshnessCheck } from './judge/declared-checks.js';
import { makeFinding } from './judge/finding.js';
import { noRows, readFindings } from './judge/read-faults.js';
import type { RowEvidence } from './judge/row-evidence.js';
import type { Triage } from './judge/triage-result.js';
import { usedSchemas } from './keep-schemas.js';
import { type FindingScope, locateRows } from './windows/locate-rows.js';
import type { Past } from './windows/past-windows.js';
import { profileWindow } from './windows/profile-window.js';
import { readRows } from './windows/read-rows.js';
import { datasetReference } from './windows/reference-profile.js';
import { forestReference } from './windows/row-forest.js';
import { emptyDataset, findStaleFeed, withStaleFeed } from './windows/stale-feed.js';
import { type FindDataBugs, triageWindow } from './windows/triage-window.js';
import { datasetTable, shownTable, windowCut } from './windows/window.js';

/** The datasets to check: all, or the named one. With `isForOne` it must be clear which one is meant. */
export function chooseDatasets(
  pipeline: Pipeline,
  name: string | undefined,
  isForOne: boolean,
): Result<readonly Dataset[], Failure> {
  const available = pipeline.datasets.map((dataset) => dataset.name);
  if (available.length === 0)
    return err({
      code: 'section-missing',
      pipeline: pipeline.file,
      section: 'datasets',
      command: 'check-data',
      lines: 'datasets:\n  rows: { path: "data/*.csv" }',
    });
  const chosen = pipeline.datasets.filter((dataset) => name === undefined || dataset.name === name);
  if (chosen.length === 0)
    return err({ code: 'not-found', what: 'dataset', name: name ?? '', available, next: 'name one with --dataset' });
  if (isForOne && chosen.length > 1)
    return err({
      code: 'usage',
      problem: '--schema, --infer, --quarantine and --clean are for one dataset',
      next: `name it: --dataset ${available.join(' or --dataset ')}`,
    });
  return ok(chosen);
}

export interface CheckOptions extends When {
  /** Checked in place of all datasets of the pipeline. */
  readonly datasets?: readonly Dataset[];
  /** Absolute paths of the files to write. Only for one dataset. */
  readonly write?: NonNullable<TableToCheck['write']>;
  /** Columns to ignore besides those that the monitor ignores. */
  readonly ignore?: readonly string[];
  readonly findDataBugs: FindDataBugs;
}

/** Checks every dataset: its window if it is monitored by one, otherwise all of its rows. */
export async function checkData(
  services: Services,
  pipeline: Pipeline,
  options: CheckOptions,
): Promise<Result<readonly DataReport[], Failure>> {
  const applyAnswers = readAnswers(services, pipeline);
  const reports: DataReport[] = [];
  const columns = new Set<string>();
  for (const dataset of options.datasets ?? pipeline.datasets) {
    const report = await checkDataset(services, pipeline, dataset, { ...options, columns });
    if (!report.ok) return report;
    reports.push(answeredReport(applyAnswers, report.value));
  }
  return ok(withUnknown(reports, ignoredIn(pipeline, options), columns));
}

/** What is to be ignored and must be a column of a dataset. Other tables of the pipeline are known to check-drift. */
const ignoredIn = (
  { monitor, datasets }: Pipeline,
  { ignore = [], datasets: checked = datasets }: CheckOptions,
): readonly NamedColumns[] => [
  { by: '--ignore', names: ignore },
  ...(checked.length === datasets.length && monitor?.reference === undefined && monitor?.current?.prepare === undefined
    ? [{ by: 'monitor.ignore', names: monitor?.ignore ?? [] }]
    : []),
];

/** The first report also warns of names that no dataset has. Nothing is known of the columns where no table could be read. */
function withUnknown(
  reports: readonly DataReport[],
  named: readonly NamedColumns[],
  columns: ReadonlySet<string>,
): readonly DataReport[] {
  const [first, ...others] = reports;
  if (first === undefined || columns.size === 0) return reports;
  const found = unknownColumns(named, [...columns], { tables: 'no dataset that is checked has it' });
  const { outliers, quarantined, separateWith } = first;
  const rest = { outliers, quarantined, separateWith };
  return found.length === 0 ? reports : [reportOf(first, first.rows, [...first.problems, ...found], rest), ...others];
}

/** Also records the findings, so that they can be resolved, and the schemas that they are based on. */
export async function checkAndRecordData(
  services: Services,
  pipeline: Pipeline,
  options: CheckOptions,
): Promise<Result<readonly DataReport[], Failure>> {
  const reports = await checkData(services, pipeline, options);
  if (!reports.ok) return reports;
  const schemas = await usedSchemas(services, pipeline, options, options.datasets);
  if (!schemas.ok) return schemas;
  const findings = reports.value.flatMap((report) => report.problems);
  recordShown(services, pipeline, { findings, schemas: schemas.value, when: options });
  return ok(
    reports.value.map((report) => {
      const schema = report.dataset === undefined ? undefined : schemas.value[report.dataset];
      return schema === undefined ? report : { ...report, schema };
    }),
  );
}

/** The rows of a dataset that are checked, and what is usual for them. */
interface DatasetWindow {
  readonly cut: Cut;
  readonly windowMs: number | undefined;
  readonly table: TableSource;
  /** The table with the types that its columns must have. */
  readonly source: TableSource;
  /** The table by paths as the reader knows them. */
  readonly shown: TableSource;
  readonly profile: TableProfile;
  /** The run whose rows are usual. */
  readonly run: RunId | undefined;
  readonly reference: TableProfile | undefined;
  readonly ignore: readonly string[];
}

async function checkDataset(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  options: CheckOptions & { readonly columns: Set<string> },
): Promise<Result<DataReport, Failure>> {
  const read = await readWindow(services, pipeline, dataset, options);
  if (!read.ok) return read.error.code === 'data-empty' ? ok(nothingThere(dataset, read.error.detail)) : read;
  const window = read.value;
  const stale = await findStaleFeed(services, dataset, options);
  if (!stale.ok) return stale;
  const compared = await compareWithReference(services, pipeline, dataset, { ...options, window });
  if (!compared.ok) return compared;
  const { bugs, unclear, warnings } = compared.value;
  const scope = { dataset, cut: window.cut, table: window.source, isPrepared: false };
  const found = await locateRows(services, scope, [...bugs, ...unclear, ...warnings]);
  if (!found.ok) return found;
  const { source, shown, profile, reference, ignore, run } = window;
  for (const table of [profile, reference]) for (const { name } of table?.columns ?? []) options.columns.add(name);
  for (const name of Object.keys(dataset.checks.columns)) options.columns.add(name);
  const rows = run === undefined ? undefined : await forestReference(services, pipeline, run, dataset);
  const only = pipeline.datasets.length > 1 ? ` --dataset ${dataset.name}` : '';
  const report = await checkTable(services, {
    source,
    shown,
    dataset: dataset.name,
    profile,
    checks: dataset.checks,
    ignore,
    reference,
    referenceRows: rows,
    found: withStaleFeed(stale.value, found.value),
    write: options.write,
    separateWith: `refit check-data ${pipeline.name}${only} --quarantine bad.parquet --clean good.parquet`,
  });
  return report.ok ? locateBrokenRows(services, scope, report.value) : report;
}

async function readWindow(
  services: Services,
  pipeline: Pipeline,
  dataset: Dataset,
  options: CheckOptions,
): Promise<Result<DatasetWindow, Failure>> {
  const { monitor } = pipeline;
  const windowMs = monitor?.current?.dataset === dataset.name ? monitor.current.windowMs : undefined;
  const cut = windowCut(windowMs, options.now);
  const read = await shownTable(services, dataset, cut);
  if (!read.ok) return read;
  const { source: table, shown } = read.value;
  const run = referenceRun(services, pipeline, options)?.run;
  const reference = run === undefined ? undefined : datasetReference(services, run, dataset.name);
  const source = { ...table, types: knownTypes(reference, dataset.checks) };
  const profile = await profileWindow(services, pipeline.name, source);
  if (!profile.ok) return profile;
  const ignore = [...(monitor?.ignore ?? []), ...(options.ignore ?? [])];
  return ok({ cut, windowMs, table, source, shown, profile: profile.value, run, reference, ignore });
}

/** What differs from the reference; nothing without one. */
async function compareWithReference(
  services: Services,
  { monitor }: Pipeline,
  dataset: Dataset,
  { window, findDataBugs, now }: CheckOptions & { readonly window: DatasetWindow },
): Promise<Result<Triage, Failure>> {
  const { reference, profile, ignore, windowMs, table } = window;
  if (reference === undefined) return ok({ bugs: [], unclear: [], warnings: [] });
  return triageWindow(services, [reference, profile], {
    dataset: dataset.name,
    ignore,
    label: monitor?.labels?.label,
    findDataBugs,
    current: table,
    past: () => pastOfDataset(services, dataset, { reference, windowMs, now }),
    rows: () => rowsOfDataset(services, dataset, { reference, profile, ignore, table }),
  });
}

/** Locates the rows of the other findings that have a condition: those that each row shows by itself. */
async function locateBrokenRows(
  services: Services,
  scope: FindingScope,
  report: DataReport,
): Promise<Result<DataReport, Failure>> {
  const conditional = report.problems.filter((one) => one.rowsIn === undefined && one.selects !== undefined);
  const located = await locateRows(services, scope, conditional);
  if (!located.ok) return located;
  const byId = new Map(located.value.map((one) => [one.id, one]));
  return ok({ ...report, problems: report.problems.map((one) => byId.get(one.id) ?? one) });
}

/** Earlier windows of the dataset, the last of them where the reference's rows end. */
export async function pastOfDataset(
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  window: { readonly reference: TableProfile; readonly windowMs: number | undefined; readonly now: Instant },
): Promise<Result<Past | undefined, Failure>> {
  const { reference, windowMs, now } = window;
  if (windowMs === undefined || dataset.time === undefined) return ok(undefined);
  const table = await datasetTable(services, dataset, { until: now });
  if (!table.ok) return table;
  const seen = reference.time?.column === dataset.time ? reference.time.to + 1 : now;
  return ok({
    table: { ...table.value, types: knownTypes(reference) },
    end: instantOf(Math.min(seen, now - windowMs)),
    lengthMs: windowMs,
  });
}

/** Rows of the window, and rows of the dataset from the time that the reference covers. */
async function rowsOfDataset(
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  known: {
    readonly reference: TableProfile;
    readonly profile: TableProfile;
    readonly ignore: readonly string[];
    readonly table: TableSource;
  },
): Promise<Result<RowEvidence | undefined, Failure>> {
  const { time } = known.reference;
  if (time === undefined || time.column !== dataset.time) return ok(undefined);
  const table = await datasetTable(services, dataset, { since: time.from, until: instantOf(time.to + 1) });
  if (!table.ok) return ok(undefined);
  return readRows(
    services,
    { reference: table.value, current: known.table },
    { reference: known.reference, current: known.profile, ignore: known.ignore },
  );
}

const nothingThere = (dataset: Dataset, detail: string): DataReport =>
  reportOf({ dataset: dataset.name }, 0, [emptyDataset(dataset.name, detail)]);

export interface FilesToCheck extends Pick<CheckOptions, 'now' | 'write'> {
  /** Absolute paths; `names` has them as they were given. */
  readonly paths: readonly string[];
  readonly names: readonly string[];
  readonly checks: DataChecks;
  readonly time?: string;
  /** Rows at this time or later are ignored. */
  readonly until?: Instant;
  readonly ignore: readonly string[];
  readonly separateWith: string;
}

/** Checks files from the command line by themselves: schema and content. Records nothing. */
export async function checkDataFiles(
  services: Pick<Services, 'datasets'>,
  options: FilesToCheck,
): Promise<Result<DataReport, Failure>> {
  const cut = { timeColumn: options.time, until: options.until };
  const source: TableSource = {
    from: { kind: 'files', paths: options.paths },
    ...cut,
    types: knownTypes(undefined, options.checks),
  };
  const profile = await services.datasets.profile(source);
  if (!profile.ok) return profile;
  const { rows, columns } = profile.value;
  if (rows === 0) return ok(reportOf({}, 0, [...readFindings(profile.value, {}), makeFinding(noRows(profile.value))]));
  if (options.time !== undefined && !columns.some((column) => column.name === options.time))
    return err({
      code: 'not-found',
      what: 'column',
      name: options.time,
      available: columns.map((column) => column.name),
      namedBy: '--time',
      next: 'name one of them with --time',
    });
  return checkTable(services, {
    source,
    shown: { from: { kind: 'files', paths: options.names }, ...cut },
    profile: profile.value,
    checks: options.checks,
    ignore: options.ignore,
    found: [
      ...allMissing(profile.value, options),
      ...staleFile(profile.value, options),
      ...unknownColumns(
        [{ by: '--ignore', names: options.ignore }],
        [...columns.map(({ name }) => name), ...Object.keys(options.checks.columns)],
        { tables: 'the files do not have it' },
      ),
    ],
    write: options.write,
    separateWith: options.separateWith,
  });
}

const allMissing = (profile: TableProfile, { checks, ignore }: FilesToCheck): readonly Finding[] =>
  profile.columns
    .filter((column) => column.rows > 0 && column.missing === column.rows && !ignore.includes(column.name))
    .filter((column) => checks.columns[column.name]?.maxMissing !== 1)
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

function staleFile({ time }: TableProfile, { checks, now }: FilesToCheck): readonly Finding[] {
  const found = freshnessCheck({ checks }, time?.to, now);
  return found === undefined ? [] : [found];
}
