import type { ResolvedDataset } from '../../domain/data/dataset.js';
import { isTable } from '../../domain/data/foreign-format.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { baseName } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Instant, toIso } from '../../domain/support/time.js';

export interface Cut {
  readonly since?: Instant;
  readonly until?: Instant;
  /** Only what there is is asked for: nothing is written, and readers would see the sources. */
  readonly isListed?: boolean;
  /** A query that its text and files tell is not copied yet: a step that is fresh does not need its rows. */
  readonly isDeferred?: boolean;
}

type Dependencies = Pick<Services, 'files' | 'datasets'>;

/** The key of the pipeline file that names the time column of a dataset. */
export const timeKey = (dataset: string): string => `datasets.${dataset}.time`;

/** The files of which at least one row exists within a cut. */
export async function datasetFiles(
  services: Dependencies,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<readonly WorkspacePath[], Failure>> {
  const resolved = await resolveFiles(services, dataset, { ...cut, isListed: true });
  return resolved.ok ? ok(resolved.value.sources) : resolved;
}

/**
 * The files of a dataset, with the rows outside the cut hidden: a file wholly inside is handed over as it is, one wholly
 * outside is left out as if it had not come yet, one that straddles is copied without the hidden rows. Without an event
 * time nothing is hidden: warnOfDatasets says so.
 */
export async function resolveFiles(
  services: Dependencies,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> {
  const sources = await listFiles(services, dataset);
  if (sources.length === 0)
    return err({
      code: 'data-empty',
      source: `dataset "${dataset.name}"`,
      detail: noFiles(dataset),
    });
  if (cut.since === undefined && cut.until === undefined)
    return dropExcluded(services, dataset, { name: dataset.name, sources, files: sources }, cut);
  const visible =
    dataset.time === undefined
      ? ok({ name: dataset.name, sources, files: sources })
      : await hideByEventTime(services, { ...dataset, time: dataset.time }, sources, cut);
  if (!visible.ok) return visible;
  if (visible.value.sources.length > 0) return dropExcluded(services, dataset, visible.value, cut);
  const until = cut.until === undefined ? '' : ` before ${toIso(cut.until)}`;
  const since = cut.since === undefined ? '' : ` since ${toIso(cut.since)}`;
  return err({
    code: 'data-empty',
    source: `dataset "${dataset.name}"`,
    detail: `none of its ${sources.length} files has a row${since}${until}`,
  });
}

/** Files with rows that are kept out are copied without them. */
async function dropExcluded(
  services: Dependencies,
  dataset: Dataset,
  resolved: ResolvedDataset,
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> {
  const without = dataset.excluded ?? [];
  if (without.length === 0) return ok(resolved);
  const files: WorkspacePath[] = [];
  for (const file of resolved.files) {
    const from = { kind: 'files', paths: [services.files.absolute(file)] } as const;
    const typedWith = resolved.files.map((one) => services.files.absolute(one));
    const table = { from, typedWith, timeColumn: dataset.time };
    const all = await services.datasets.countRows(table);
    if (!all.ok) return all;
    const kept = await services.datasets.countRows({ ...table, without });
    if (!kept.ok) return kept;
    if (kept.value === all.value || cut.isListed === true) {
      files.push(file);
      continue;
    }
    const scratch = await services.files.makeScratch('cut');
    const copy = `${scratch}/${baseName(file)}` as WorkspacePath;
    const written = await services.datasets.copyCut({ ...table, without }, services.files.absolute(copy));
    if (!written.ok) return written;
    files.push(copy);
  }
  return ok({ ...resolved, files });
}

/** Why a dataset has no file. */
export function noFiles({ source, remote }: Dataset): string {
  if (remote !== undefined)
    return `its source (${remote.place.kind}) gave no rows, or was not read yet: "refit run" and the checks read it`;
  return `no file matches ${source.kind === 'paths' ? source.patterns.join(', ') : 'its query'}`;
}

/** A folder stands for the tables below it; a query for the files of the datasets that it names. */
export async function listFiles(
  services: Pick<Services, 'files'>,
  dataset: Dataset,
): Promise<readonly WorkspacePath[]> {
  const found = new Set<string>();
  if (dataset.source.kind === 'query') {
    for (const part of dataset.source.sql)
      if (typeof part !== 'string') for (const file of await listFiles(services, part)) found.add(file);
    return [...found].sort((a, b) => (a < b ? -1 : 1)) as WorkspacePath[];
  }
  for (const pattern of dataset.source.patterns) {
    const stat = await services.files.stat(pattern);
    if (stat?.kind === 'file') found.add(pattern);
    else if (stat?.kind === 'folder')
      for (const file of await services.files.glob([`${pattern}/**/*`])) if (isTable(file)) found.add(file);
    if (stat === undefined) for (const file of await services.files.glob([pattern])) found.add(file);
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1)) as WorkspacePath[];
}

async function hideByEventTime(
  services: Dependencies,
  dataset: Dataset & { readonly time: string },
  sources: readonly WorkspacePath[],
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> {
  const kept: { readonly source: WorkspacePath; readonly file: WorkspacePath }[] = [];
  let isCut = false;
  for (const source of sources) {
    const table: TableSource & { readonly timeColumn: string } = {
      from: { kind: 'files', paths: [services.files.absolute(source)] },
      typedWith: sources.map((one) => services.files.absolute(one)),
      timeColumn: dataset.time,
      timeNamedBy: timeKey(dataset.name),
    };
    const visible = await visiblePart(services, source, table, cut);
    if (!visible.ok) return visible;
    if (visible.value === undefined) continue;
    if (visible.value.isCut) isCut = true;
    kept.push({ source, file: visible.value.file });
  }
  return ok({
    name: dataset.name,
    sources: kept.map((one) => one.source),
    files: kept.map((one) => one.file),
    ...(isCut ? { cut } : {}),
  });
}

interface Visible {
  readonly file: WorkspacePath;
  /** Some of its rows are hidden. */
  readonly isCut: boolean;
}

/** The file itself, a filtered copy, or nothing. */
async function visiblePart(
  services: Dependencies,
  source: WorkspacePath,
  table: TableSource,
  cut: Cut,
): Promise<Result<Visible | undefined, Failure>> {
  const range = await services.datasets.timeRange(table);
  if (!range.ok) return range;
  // no time in it at all: nothing can be hidden, and nothing is silently dropped
  if (range.value === undefined) return ok({ file: source, isCut: false });
  const isAfter = cut.until !== undefined && range.value.from >= cut.until;
  const isBefore = cut.since !== undefined && range.value.to < cut.since;
  if (isAfter || isBefore) return ok(undefined);
  const isInside =
    (cut.until === undefined || range.value.to < cut.until) &&
    (cut.since === undefined || range.value.from >= cut.since);
  if (isInside) return ok({ file: source, isCut: false });
  if (cut.isListed === true) return ok({ file: source, isCut: true });
  const scratch = await services.files.makeScratch('cut');
  const copy = `${scratch}/${baseName(source)}` as WorkspacePath;
  const written = await services.datasets.copyCut({ ...table, ...cut }, services.files.absolute(copy));
  return written.ok ? ok({ file: copy, isCut: true }) : written;
}
