import {
  type ColumnContext,
  type DriftReport,
  type FeatureDrift,
  hasMoved,
  type Onset,
  type Upstream,
} from '../domain/data/drift.js';
import type { Finding } from '../domain/data/finding.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { SpanColumn, TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok, type Result } from '../domain/support/result.js';
import { contextSentence } from './judge/context-sentence.js';
import { findOnset, presenceColumn, referenceCells, spanColumn, spanFor } from './judge/onset.js';
import { companion } from './judge/rank-correlation.js';
import { contextJson } from './views/drift-view.js';

/** Columns with context, the worst first. Each costs as much as a scan of its cells. */
const MOST_COLUMNS = 8;
/** Number columns among which companions are searched, and rows that are used for the search. */
const MOST_COMPANIONS = 40;
const SAMPLE_ROWS = 5000;

export interface ContextOptions {
  readonly reference: TableProfile;
  readonly window: TableProfile;
  readonly current: TableSource;
  /** The reference's own rows, if they are known. */
  readonly table?: () => Promise<Result<TableSource, Failure>>;
  readonly ignore: readonly string[];
  readonly upstream?: (columns: readonly string[]) => Promise<Result<ReadonlyMap<string, Upstream>, Failure>>;
}

/**
 * Adds context to each column that drifts or is a finding: where its change begins, whether it still moves with its
 * companions, and where it comes from. Context explains a verdict and never changes it.
 */
export async function withContext(
  services: Pick<Services, 'datasets'>,
  report: DriftReport,
  options: ContextOptions,
): Promise<Result<DriftReport, Failure>> {
  // The time column has no place in time.
  const placed = report.features.filter(({ name }) => name !== options.window.time?.column);
  // A renamed column has been dated when it was found.
  const renamed = new Set(report.dataBugs.filter((one) => one.code === 'renamed-column').map((one) => one.column));
  const named = placed
    .filter(({ name }) => !renamed.has(name))
    .filter((one) => hasMoved(one) || one.verdict === 'finding');
  const columns = named.slice(0, MOST_COLUMNS).map((feature) => feature.name);
  if (columns.length === 0) return ok(report);
  const lacking = [...report.dataBugs, ...report.unclear].filter((one) => one.code === 'missing-rose');
  const onsets = await readOnsets(services, { columns, lacking: lacking.map((one) => one.column) }, options);
  if (!onsets.ok) return onsets;
  const companions = await readCompanions(services, columns, options);
  if (!companions.ok) return companions;
  const upstream = (await options.upstream?.(columns)) ?? ok(new Map<string, Upstream>());
  if (!upstream.ok) return upstream;
  const contextOf = (name: string): ColumnContext => ({
    ...pick('onset', onsets.value.get(name)),
    ...pick('correlation', companions.value.get(name)),
    ...pick('upstream', upstream.value.get(name)),
  });
  const contexts = new Map(columns.map((name) => [name, contextOf(name)]));
  return ok({
    ...report,
    features: report.features.map((feature) => explained(feature, contexts.get(feature.name))),
    dataBugs: report.dataBugs.map((bug) => withEvidence(bug, contexts.get(bug.column ?? ''))),
    unclear: report.unclear.map((one) => withEvidence(one, contexts.get(one.column ?? ''))),
  });
}

const pick = <K extends keyof ColumnContext>(key: K, value: ColumnContext[K]): ColumnContext =>
  value === undefined ? {} : { [key]: value };

function explained(feature: FeatureDrift, context: ColumnContext | undefined): FeatureDrift {
  if (context === undefined || Object.keys(context).length === 0) return feature;
  const detail = [feature.detail, contextSentence(context)].filter(Boolean).join('; ');
  return { ...feature, context, ...(hasMoved(feature) ? { detail } : {}) };
}

function withEvidence(bug: Finding, context: ColumnContext | undefined): Finding {
  if (context === undefined || Object.keys(context).length === 0) return bug;
  return {
    ...bug,
    detail: `${bug.detail}; ${contextSentence(context)}`,
    evidence: { ...bug.evidence, ...(contextJson(context) as JsonObject) },
  };
}

async function readOnsets(
  services: Pick<Services, 'datasets'>,
  { columns: names, lacking }: { readonly columns: readonly string[]; readonly lacking: readonly Finding['column'][] },
  { reference, window, current }: ContextOptions,
): Promise<Result<ReadonlyMap<string, Onset>, Failure>> {
  const { time } = window;
  if (time === undefined || time.to <= time.from) return ok(new Map());
  const pairs = names.flatMap((name) => {
    const [before, now] = [reference, window].map((table) => table.columns.find((one) => one.name === name));
    if (before === undefined || now === undefined) return [];
    const column = lacking.includes(name) ? presenceColumn(now) : spanColumn(before, now);
    return column === undefined ? [] : [{ column, reference: referenceCells(column, before) }];
  });
  if (pairs.length === 0) return ok(new Map());
  const spanMs = spanFor(time.to - time.from);
  const columns = pairs.map((pair): SpanColumn => pair.column);
  const spans = await services.datasets.countSpans({ ...current, timeColumn: time.column }, spanMs, columns);
  if (!spans.ok) return spans;
  return ok(
    new Map(
      pairs.flatMap((pair, i) => {
        const onset = findOnset(spans.value, i, { ...pair, spanMs });
        return onset === undefined ? [] : [[pair.column.name, onset] as const];
      }),
    ),
  );
}

async function readCompanions(
  services: Pick<Services, 'datasets'>,
  names: readonly string[],
  { reference, window, current, table, ignore }: ContextOptions,
): Promise<Result<ReadonlyMap<string, NonNullable<ColumnContext['correlation']>>, Failure>> {
  const isNumber = (profile: TableProfile, name: string): boolean =>
    profile.columns.some((one) => one.name === name && one.numeric !== undefined && one.distinct > 2);
  const numbers = reference.columns
    .map((column) => column.name)
    .filter((name) => !ignore.includes(name) && [reference, window].every((profile) => isNumber(profile, name)));
  const asked = names.filter((name) => numbers.includes(name));
  if (asked.length === 0 || numbers.length < 2) return ok(new Map());
  const wanted = [...new Set([...asked, ...numbers])].slice(0, MOST_COMPANIONS);
  const rows = await table?.();
  if (rows === undefined) return ok(new Map());
  if (!rows.ok) return rows;
  const before = await services.datasets.sample(rows.value, wanted, SAMPLE_ROWS);
  if (!before.ok) return before;
  const now = await services.datasets.sample(current, wanted, SAMPLE_ROWS);
  if (!now.ok) return now;
  return ok(
    new Map(
      asked.flatMap((name) => {
        const found = companion(name, before.value, now.value);
        return found === undefined ? [] : [[name, found] as const];
      }),
    ),
  );
}
