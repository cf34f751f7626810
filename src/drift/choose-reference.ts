import type { Cut } from '../data/datasets/dataset-files.js';
import { datasetTable } from '../data/windows/window.js';
import type { Exclusion } from '../domain/data/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { Pipeline, ReferenceChoice } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { instantOf, toIso } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { referenceHash, referenceRun } from '../models/champion.js';
import { findVersion } from '../models/find-version.js';
import { YEAR_MS } from './judge/season.js';

/** What a window is compared with: a table that a run stored, or rows of the monitored dataset. */
export type ChosenReference = {
  readonly of: 'champion' | ReferenceChoice['kind'];
  readonly source: string;
  /** Where the columns come from is known by this run. */
  readonly run?: RunId;
} & (
  | { readonly kind: 'stored'; readonly run: RunId; readonly hash: ContentHash }
  | { readonly kind: 'rows'; readonly cut: Cut; readonly without: readonly Exclusion[] }
);

/** The reference that the monitor names; a text says why there is none. */
export async function chooseReference(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<ChosenReference | string, Failure>> {
  const choice = pipeline.monitor?.compareWith;
  const origin = referenceRun(services, pipeline, when);
  if (choice === undefined) return ok(storedIn(services, pipeline, { of: 'champion', ...origin }) ?? 'no-reference');
  if (choice.kind === 'version') {
    const version = findVersion(services, choice.version);
    const named = { of: choice.kind, run: version?.run, source: `version ${choice.version}` };
    return ok(storedIn(services, pipeline, named) ?? 'no-such-version');
  }
  return rowsOf(services, pipeline, when, { choice, run: origin?.run });
}

function storedIn(
  services: Services,
  pipeline: Pipeline,
  {
    of,
    run,
    source = '',
  }: { readonly of: ChosenReference['of']; readonly run?: RunId | undefined; readonly source?: string },
): ChosenReference | undefined {
  const hash = run === undefined ? undefined : referenceHash(services, pipeline, run);
  return run === undefined || hash === undefined ? undefined : { kind: 'stored', of, source, run, hash };
}

const day = (at: number): string => toIso(instantOf(at)).slice(0, 10);

/** Rows of the monitored dataset: the same weeks a year before, or the windows before the current one. */
async function rowsOf(
  services: Services,
  pipeline: Pipeline,
  { now }: When,
  asked: { readonly choice: Exclude<ReferenceChoice, { readonly kind: 'version' }>; readonly run: RunId | undefined },
): Promise<Result<ChosenReference | string, Failure>> {
  const { choice, run } = asked;
  const { dataset: name, windowMs } = pipeline.monitor?.current ?? {};
  const dataset = pipeline.datasets.find((one) => one.name === name);
  if (dataset === undefined || windowMs === undefined) throw new Error('internal error: a reference without a window');
  const from = now - windowMs;
  const table = await datasetTable(services, dataset, { until: now });
  const range = table.ok ? await services.datasets.timeRange(table.value) : table;
  if (!range.ok) return range.error.code === 'data-empty' ? ok('no-reference') : range;
  const oldest = range.value?.from ?? now;
  const base = { kind: 'rows', of: choice.kind, run, without: fallenSpans(services, pipeline) } as const;
  if (choice.kind === 'season') {
    const cut = { since: instantOf(from - YEAR_MS), until: instantOf(now - YEAR_MS) };
    if (oldest > cut.since) return ok('no-season');
    const source = `dataset ${name}, the same weeks a year before (${day(cut.since)} to ${day(cut.until - 1)})`;
    return ok({ ...base, cut, source });
  }
  const whole = Math.min(choice.windows, Math.floor((from - oldest) / windowMs));
  if (whole < 1) return ok('no-earlier-window');
  const cut = { since: instantOf(from - whole * windowMs), until: instantOf(from) };
  const count = whole === choice.windows ? String(whole) : `${whole} of ${choice.windows}`;
  return ok({
    ...base,
    cut,
    source: `dataset ${name}, the last ${count} ${choice.windows === 1 ? 'window' : 'windows'} before`,
  });
}

/** Times of falls in performance: what a model failed on is no reference, unless a person called it normal. */
function fallenSpans({ registry }: Services, pipeline: Pipeline): readonly Exclusion[] {
  return registry.performance
    .episodes(pipeline.name)
    .filter((one) => one.end?.because !== 'resolved')
    .map((one) => ({ since: one.since, ...(one.end === undefined ? {} : { until: one.end.now }) }));
}
