import type { DriftReport, WindowSummary } from '../domain/drift.js';
import type { Failure } from '../domain/failure.js';
import type { Finding } from '../domain/finding.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import type { TableProfile } from '../domain/profile.js';
import { err, ok, type Result } from '../domain/result.js';
import { compareTables } from '../drift/judge-table.js';
import { compareSchema } from '../quality/compare-schema.js';
import { findRepairs } from './find-repairs.js';
import { referenceProfile, referenceRun } from './reference.js';
import { emptyDataset, findStaleFeed, withStaleFeed } from './stale-feed.js';
import { profileCurrent, type When } from './window.js';

/** The current window against the champion's own reference. */
export async function checkDrift(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<DriftReport, Failure>> {
  const { monitor } = pipeline;
  if (monitor?.reference === undefined || monitor.current === undefined)
    return err({
      code: 'section-missing',
      pipeline: pipeline.file,
      section: 'monitor',
      command: 'check-drift',
      lines: monitorLines(pipeline),
    });
  const origin = referenceRun(services, pipeline);
  const reference = origin === undefined ? ok(undefined) : await referenceProfile(services, pipeline, origin.run);
  if (!reference.ok) return reference;
  if (origin === undefined || reference.value === undefined) return ok(undecided('no-reference'));
  const dataset = pipeline.datasets.find((one) => one.name === monitor.current?.dataset);
  const stale = dataset === undefined ? ok(undefined) : await findStaleFeed(services, dataset, when);
  if (!stale.ok) return stale;
  const current = await profileCurrent(services, pipeline, monitor, when);
  if (!current.ok) {
    if (current.error.code !== 'data-empty') return current;
    const empty = emptyDataset(monitor.current.dataset, current.error.detail);
    return ok({ ...undecided('too-few-rows'), dataBugs: [empty] });
  }
  return ok(
    fromStaleFeed(
      stale.value,
      judge(reference.value, current.value, {
        ignore: monitor.ignore,
        dataset: monitor.current.dataset,
        sources: [origin.source, `dataset ${monitor.current.dataset}`],
        ...(monitor.labels === undefined ? {} : { label: monitor.labels.label }),
      }),
    ),
  );
}

/** Where the newest rows are missing, nothing shows that the world has stayed as it was. */
const fromStaleFeed = (stale: Finding | undefined, report: DriftReport): DriftReport => {
  const dataBugs = withStaleFeed(stale, report.dataBugs);
  return stale === undefined || report.verdict !== 'stable'
    ? { ...report, dataBugs }
    : { ...report, dataBugs, verdict: 'undecided', undecidedBecause: 'stale-feed' };
};

/** The reference is rows that a step wrote, which a model is not. */
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

const undecided = (because: string): DriftReport => ({
  verdict: 'undecided',
  undecidedBecause: because,
  features: [],
  drifted: 0,
  total: 0,
  dataBugs: [],
  segments: [],
});

interface JudgeOptions {
  readonly ignore: readonly string[];
  readonly dataset?: string;
  readonly label?: string;
  readonly sources: readonly [string, string];
}

function judge(reference: TableProfile, current: TableProfile, options: JudgeOptions): DriftReport {
  const scope = { ignore: options.ignore, ...(options.dataset === undefined ? {} : { dataset: options.dataset }) };
  const broken = compareSchema(reference, current, scope).filter((finding) => finding.severity === 'error');
  const named = new Set(broken.map((finding) => finding.column));
  const repairs =
    current.rows === 0 ? [] : findRepairs(reference, current, scope).filter((one) => !named.has(one.column));
  const dataBugs = [...broken, ...repairs];
  const compared = compareTables(reference, current, {
    ignore: options.ignore,
    dataBugs,
    ...(options.label === undefined ? {} : { label: options.label }),
  });
  return {
    ...compared,
    ...(compared.verdict === 'undecided' ? { undecidedBecause: 'too-few-rows' } : {}),
    reference: summarizeWindow(reference, options.sources[0]),
    current: summarizeWindow(current, options.sources[1]),
    dataBugs,
    segments: [],
  };
}

const summarizeWindow = (profile: TableProfile, source: string): WindowSummary => ({
  rows: profile.rows,
  source,
  ...(profile.time === undefined ? {} : { from: profile.time.from, to: profile.time.to }),
});

/** Two sets of files given on the command line; works anywhere, records nothing. */
export async function checkDriftFiles(
  services: Pick<Services, 'datasets'>,
  options: {
    readonly reference: readonly string[];
    readonly current: readonly string[];
    readonly time?: string;
    readonly ignore: readonly string[];
  },
): Promise<Result<DriftReport, Failure>> {
  const source = (paths: readonly string[]): TableSource => ({
    from: { kind: 'files', paths },
    ...(options.time === undefined ? {} : { timeColumn: options.time }),
  });
  const reference = await services.datasets.profile(source(options.reference));
  if (!reference.ok) return reference;
  const current = await services.datasets.profile(source(options.current));
  if (!current.ok) return current;
  return ok(
    judge(reference.value, current.value, {
      ignore: [...options.ignore, ...(options.time === undefined ? [] : [options.time])],
      sources: [options.reference.join(', '), options.current.join(', ')],
    }),
  );
}
