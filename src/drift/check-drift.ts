import { readAnswers, recordShown } from '../data/answered-findings.js';
import { openPipelineLog } from '../data/datasets/prediction-log.js';
import type { NamedColumns } from '../data/judge/columns/unknown-columns.js';
import { locateRows } from '../data/windows/locate-rows.js';
import { profileWindow } from '../data/windows/profile-window.js';
import { emptyDataset, findStaleFeed, withStaleFeed } from '../data/windows/stale-feed.js';
import { artifactTable, keptOut, profileArtifact, windowCut } from '../data/windows/window.js';
import type { Exclusion } from '../domain/data/dataset.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { Finding } from '../domain/data/finding.js';
import type { NamedEvent } from '../domain/data/named-event.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { MethodChoice } from '../domain/pipeline/drift-method.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { MonitorSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { canCompare } from '../pipeline/parse/sections/reference.js';
import { type ChosenReference, chooseReference } from './choose-reference.js';
import { type Comparison, compareWindow } from './compare-window.js';
import { withCurrent } from './current-window.js';
import { pastOf, pastOfTable } from './earlier-windows.js';
import { expectDrift, expectRoles } from './expected-drift.js';
import { compactProfile } from './judge/compact-profile.js';
import { withDetail } from './judge/detail.js';
import { withFeatures } from './judge/judge-table.js';
import { nearestVersion } from './nearest-version.js';
import { findUpstream } from './upstream.js';
import { withTraces } from './window-history.js';

/** Settings of the monitor that the command line may override. */
export interface DriftOverrides {
  readonly methods?: MethodChoice;
  readonly segments?: readonly string[];
  /** Also train a classifier to tell the windows apart. */
  readonly isClassified?: boolean;
  /** The report holds what is needed to draw the columns. */
  readonly isPlotted?: boolean;
  /** Where the large files of the window are read. Here, where it says nothing. */
  readonly executor?: ExecutorName;
}

/** The section that a pipeline without something to compare needs. */
export const missingMonitor = (pipeline: Pipeline): Failure | undefined =>
  pipeline.monitor?.current !== undefined && canCompare(pipeline.monitor)
    ? undefined
    : {
        code: 'section-missing',
        pipeline: pipeline.file,
        section: 'monitor',
        command: 'check-drift',
        lines: monitorLines(pipeline),
      };

/** Compares the current window with the champion's own reference. */
export async function checkDrift(
  services: Services,
  pipeline: Pipeline,
  when: When,
  overrides: DriftOverrides = {},
): Promise<Result<DriftReport, Failure>> {
  const { monitor } = pipeline;
  const missing = missingMonitor(pipeline);
  if (missing !== undefined) return err(missing);
  if (monitor?.current === undefined) throw new Error('internal error: a comparison without a window');
  const chosen = await chooseReference(services, pipeline, when);
  if (!chosen.ok) return chosen;
  if (typeof chosen.value === 'string')
    return ok({ ...undecided(chosen.value), detail: withoutReference(pipeline, chosen.value) });
  const { dataset } = monitor.current;
  const declared = pipeline.datasets.find((one) => one.name === dataset);
  const stale = declared === undefined ? ok(undefined) : await findStaleFeed(services, declared, when);
  if (!stale.ok) return stale;
  const report = await withReference(
    services,
    pipeline,
    when,
    { ...overrides, monitor, chosen: chosen.value },
    (known) =>
      withCurrent(services, { pipeline, monitor, when }, (source) =>
        judgeWindow(services, pipeline, when, { ...known, current: source }),
      ),
  );
  const applyAnswers = readAnswers(services, pipeline);
  const staleFeed = stale.value === undefined ? undefined : applyAnswers(stale.value);
  if (report.ok) return ok(fromStaleFeed(staleFeed, report.value));
  if (report.error.code !== 'data-empty') return report;
  return ok({ ...undecided('too-few-rows'), dataBugs: [applyAnswers(emptyDataset(dataset, report.error.detail))] });
}

interface Asked extends DriftOverrides {
  readonly monitor: MonitorSpec;
  readonly chosen: ChosenReference;
}

type Known = Omit<Comparison, 'current'>;

/** Passes on the comparison with the chosen reference, without the current window. */
async function withReference(
  services: Services,
  pipeline: Pipeline,
  when: When,
  asked: Asked,
  use: (known: Known) => Promise<Result<DriftReport, Failure>>,
): Promise<Result<DriftReport, Failure>> {
  const { chosen, monitor } = asked;
  if (chosen.kind === 'stored') {
    const known = await withStored(services, pipeline, when, { ...asked, chosen });
    return known.ok ? use(known.value) : known;
  }
  return withCurrent(services, { pipeline, monitor, when, cut: chosen.cut }, async (rows) => {
    const kept = rows.timeColumn === undefined ? [] : chosen.without;
    const table = { ...rows, without: [...(rows.without ?? []), ...kept] };
    const profiled = await services.datasets.profile(table);
    if (!profiled.ok) return profiled;
    const reference = profiled.value;
    return use({
      ...common(services, pipeline, when, asked),
      reference,
      profile: services.datasets.profile,
      segment: (segment) => services.datasets.profile({ ...table, segment }),
      table: async () => ok(table),
      past: async (current) => ok(pastOfTable(table, reference, current)),
    });
  });
}

/** What does not depend on where the reference is. */
const common = (services: Services, pipeline: Pipeline, when: When, { monitor, chosen, ...asked }: Asked) => ({
  applyAnswers: readAnswers(services, pipeline),
  ...(chosen.run === undefined ? {} : { upstream: upstreamOf(services, pipeline, when, chosen.run) }),
  isClassified: asked.isClassified === true,
  isPlotted: asked.isPlotted,
  ignore: monitor.ignore,
  dataset: monitor.current?.dataset,
  sources: [chosen.source, `dataset ${monitor.current?.dataset}`] as const,
  referenceOf: chosen.of,
  remember: (report: DriftReport, window: TableProfile) => withPast(services, pipeline, when, { report, window }),
  methods: asked.methods ?? monitor.methods,
  segments: asked.segments ?? monitor.segments,
  named: namedIn(monitor, asked),
  label: monitor.labels?.label,
  prediction: monitor.predictions?.prediction,
});

const namedIn = (monitor: MonitorSpec, { methods, segments }: DriftOverrides): readonly NamedColumns[] => [
  { by: 'monitor.ignore', names: monitor.ignore },
  segments === undefined ? { by: 'monitor.segments', names: monitor.segments } : { by: '--segment', names: segments },
  methods === undefined
    ? { by: 'monitor.method', names: Object.keys(monitor.methods.columns) }
    : { by: '--method', names: Object.keys(methods.columns) },
];

const upstreamOf = (services: Services, pipeline: Pipeline, when: When, run: RunId) => (columns: readonly string[]) =>
  findUpstream(services, pipeline, { run, columns, when });

/** The comparison with a table that a run stored. */
async function withStored(
  services: Services,
  pipeline: Pipeline,
  when: When,
  asked: Asked & { readonly chosen: Extract<ChosenReference, { readonly kind: 'stored' }> },
): Promise<Result<Known, Failure>> {
  const { monitor, chosen } = asked;
  const { hash } = chosen;
  const kept = keptOut(
    monitor,
    pipeline.datasets.find((one) => one.name === monitor.current?.dataset),
  );
  const profiled = await profileArtifact(services, hash, kept);
  if (!profiled.ok) return profiled;
  const reference = profiled.value;
  const counted = { profile: reference, key: JSON.stringify([hash, kept]) };
  return ok({
    ...common(services, pipeline, when, asked),
    reference,
    profile: async (window) => {
      if (asked.executor !== undefined && asked.executor !== 'local') {
        const { profilePartsOn } = await import('./parts/profile-parts-on.js');
        const read = await profilePartsOn(services, pipeline, { executor: asked.executor, when, window, counted });
        if (!read.ok) return read;
      }
      return profileWindow(services, pipeline.name, window, counted);
    },
    segment: (segment) => profileArtifact(services, hash, { ...kept, segment }),
    table: () => artifactTable(services, hash),
    past: (current) => pastOf(services, pipeline, { hash, reference, current, now: when.now }),
  });
}

/**
 * Judges a window of the pipeline. If it drifts during expected events, their rows are left out. Adds the logged
 * predictions.
 */
async function judgeWindow(
  services: Services,
  pipeline: Pipeline,
  when: When,
  comparison: Comparison,
): Promise<Result<DriftReport, Failure>> {
  const { current: source, reference } = comparison;
  const all = await compareWindow(services, comparison);
  if (!all.ok) return all;
  const timeColumn = source.timeColumn ?? reference.time?.column;
  const events = eventsIn(services, pipeline, { report: all.value, when });
  const judgeWithout = (spans: readonly Exclusion[]) =>
    compareWindow(services, {
      ...comparison,
      current: { ...source, timeColumn, without: [...(source.without ?? []), ...spans] },
    });
  const judged = await expectDrift(all.value, events, timeColumn === undefined ? undefined : judgeWithout);
  const complete = judged.ok ? await withRoles(services, pipeline, when, judged.value) : judged;
  return complete.ok ? withRows(services, pipeline, when, { report: withDetail(complete.value), source }) : complete;
}

/** Adds the logged predictions and their labels to the report, if they are monitored. */
async function withRoles(
  services: Services,
  pipeline: Pipeline,
  when: When,
  report: DriftReport,
): Promise<Result<DriftReport, Failure>> {
  if (pipeline.monitor?.predictions === undefined) return ok(report);
  const { judgeRoles } = await import('./judge-roles.js');
  const roles = await judgeRoles(services, pipeline, when, report.features);
  if (!roles.ok) return roles;
  const warnings = await withoutLogged(services, pipeline, when, report.warnings);
  if (!warnings.ok) return warnings;
  return ok(withFeatures({ ...report, warnings: warnings.value }, expectRoles(roles.value, report.events ?? [])));
}

/** A segment may be a column of the logged predictions alone, by which only their performance is judged. */
async function withoutLogged(
  services: Services,
  pipeline: Pipeline,
  when: When,
  warnings: readonly Finding[],
): Promise<Result<readonly Finding[], Failure>> {
  const isOfSegments = ({ code, column = '' }: Finding): boolean =>
    code === 'unknown-column' && pipeline.monitor?.segments.includes(column) === true;
  if (!warnings.some(isOfSegments)) return ok(warnings);
  const opened = await openPipelineLog(services, pipeline, when);
  if (!opened.ok || opened.value === undefined) return opened.ok ? ok(warnings) : opened;
  await using log = opened.value;
  const counted = await log.counts();
  if (!counted.ok) return counted;
  const absent = counted.value.absent.map(({ column }) => column);
  return ok(warnings.filter((one) => !isOfSegments(one) || absent.includes(one.column ?? '')));
}

/** Adds what earlier windows and earlier versions show about this window. */
function withPast(
  services: Services,
  pipeline: Pipeline,
  when: When,
  { report, window }: { readonly report: DriftReport; readonly window: TableProfile },
): DriftReport {
  const compact = compactProfile(window);
  const nearest = nearestVersion(services, pipeline, compact, when);
  const traced = withTraces(services, pipeline, { ...report, window: compact }, when.now);
  return nearest === undefined ? traced : { ...traced, nearestVersion: nearest };
}

/** Also records the findings, so that they can be resolved. */
export async function checkAndRecordDrift(
  services: Services,
  pipeline: Pipeline,
  when: When,
  overrides: DriftOverrides = {},
): Promise<Result<DriftReport, Failure>> {
  const report = await checkDrift(services, pipeline, when, overrides);
  if (report.ok)
    recordShown(services, pipeline, { findings: [...report.value.dataBugs, ...report.value.unclear], when });
  return report;
}

/** Events of the pipeline that overlap the current window. */
function eventsIn(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  { report, when }: { readonly report: DriftReport; readonly when: When },
): readonly NamedEvent[] {
  const windowMs = pipeline.monitor?.current?.windowMs;
  const from = report.current?.from ?? (windowMs === undefined ? undefined : when.now - windowMs);
  const to = report.current?.to ?? when.now;
  return services.registry.events
    .list(pipeline.name)
    .filter((event) => event.from <= to && (from === undefined || event.until > from));
}

/** Adds to each finding the rows that it is about, so that it can be answered for them. */
async function withRows(
  services: Services,
  pipeline: Pipeline,
  when: When,
  { report, source }: { readonly report: DriftReport; readonly source: TableSource },
): Promise<Result<DriftReport, Failure>> {
  const { dataset: name, windowMs, prepare } = pipeline.monitor?.current ?? {};
  const dataset = pipeline.datasets.find((one) => one.name === name);
  if (dataset?.time === undefined) return ok(report);
  const scope = { dataset, cut: windowCut(windowMs, when.now), table: source, isPrepared: prepare !== undefined };
  const dataBugs = await locateRows(services, scope, report.dataBugs);
  if (!dataBugs.ok) return dataBugs;
  const unclear = await locateRows(services, scope, report.unclear);
  if (!unclear.ok) return unclear;
  const warnings = await locateRows(services, scope, report.warnings);
  return warnings.ok
    ? ok({ ...report, dataBugs: dataBugs.value, unclear: unclear.value, warnings: warnings.value })
    : warnings;
}

/** If the newest rows are missing, "stable" is not proved. */
const fromStaleFeed = (stale: Finding | undefined, report: DriftReport): DriftReport => {
  if (stale?.severity === 'warning') return { ...report, warnings: [stale, ...report.warnings] };
  const dataBugs = withStaleFeed(stale, report.dataBugs);
  return stale === undefined || report.verdict !== 'stable'
    ? { ...report, dataBugs }
    : { ...report, dataBugs, verdict: 'undecided', undecidedBecause: 'stale-feed' };
};

/** Lines to add to the pipeline file. The reference must be rows that a step wrote, so the model is not proposed. */
function monitorLines({ steps, datasets, model }: Pipeline): string {
  const outputs = steps.flatMap((step) => step.outputs.map((output) => ({ step: step.name, path: output.path })));
  const rows = outputs.find((output) => output.path !== model?.path);
  const [dataset] = datasets;
  return [
    ...(dataset === undefined ? ['datasets:', '  rows: { path: "data/*.csv", time: date }'] : []),
    'monitor:',
    `  reference: ${rows?.path ?? 'work/rows.csv   # an output of a step: the rows it trained on'}`,
    `  current: { dataset: ${dataset?.name ?? 'rows'}${dataset !== undefined && dataset.time === undefined ? '' : ', window: 28d'}${rows === undefined ? '' : `, prepare: ${rows.step}`} }`,
  ].join('\n');
}

const withoutReference = ({ name, monitor }: Pipeline, why: string): string | undefined =>
  why === 'no-reference'
    ? `no successful run has stored ${monitor?.reference ?? 'the reference'} yet: refit run ${name}`
    : WITHOUT_REFERENCE[why];

/** What to do where the chosen reference has no rows yet. */
const WITHOUT_REFERENCE: Readonly<Record<string, string>> = {
  'no-earlier-window':
    'the dataset has no whole window before the current one: wait for it, write a shorter "window" under "current", or name the output of a step as "reference"',
  'no-season':
    'the dataset has no rows of the same weeks a year before: add them, or write reference: { last: 4 windows } until it has',
  'no-such-version': 'that version, or its copy of "path", is not in the registry: see refit models',
};

const undecided = (because: string): DriftReport => ({
  verdict: 'undecided',
  undecidedBecause: because,
  features: [],
  drifted: 0,
  total: 0,
  dataBugs: [],
  unclear: [],
  warnings: [],
  segments: [],
});
