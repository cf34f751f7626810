import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import { type Removed, removedText } from '../../domain/models/removed.js';
import type { Dataset, MonitorSpec } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { removedBytes } from '../../models/removed-bytes.js';
import { type Cut, listFiles, noFiles, timeKey } from '../datasets/dataset-files.js';
import { composeQuery } from '../datasets/query-dataset.js';

/** The rows a window of this length that ends at `now` holds; without a window, all that exist. */
export const windowCut = (windowMs: number | undefined, now: Instant): Cut =>
  windowMs === undefined ? { until: now } : { since: instantOf(now - windowMs), until: now };

/** A dataset as a table, cut by event time while it is read; no copy is made. */
export async function datasetTable(
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<TableSource, Failure>> {
  const both = await shownTable(services, dataset, cut);
  return both.ok ? ok(both.value.source) : both;
}

const timeOf = (
  { name, time }: Dataset,
  cut: Cut,
): Pick<TableSource, 'timeColumn' | 'timeNamedBy' | 'since' | 'until'> =>
  time === undefined ? {} : { timeColumn: time, timeNamedBy: timeKey(name), ...cut };

/** The same with a twin whose paths are the workspace's own, for what is shown and stored. */
export async function shownTable(
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<{ readonly source: TableSource; readonly shown: TableSource }, Failure>> {
  const within = {
    ...timeOf(dataset, cut),
    without: dataset.excluded,
  };
  if (dataset.source.kind === 'query') {
    const query = await composeQuery(services, dataset, cut.until);
    if (!query.ok) return query;
    const { sql, shown, faults } = query.value;
    const name = `dataset "${dataset.name}"`;
    return ok({
      source: { from: { kind: 'query', sql, name, faults }, ...within },
      shown: { from: { kind: 'query', sql: shown, name }, ...within },
    });
  }
  const files = await listFiles(services, dataset);
  if (files.length === 0)
    return err({
      code: 'data-empty',
      source: `dataset "${dataset.name}"`,
      detail: noFiles(dataset),
    });
  return ok({
    source: { from: { kind: 'files', paths: files.map((file) => services.files.absolute(file)) }, ...within },
    shown: { from: { kind: 'files', paths: files }, ...within },
  });
}

/** What a prepared table is read without: rows called a bug that its dataset does not have under these names. */
export const keptOut = (
  { excluded, current }: MonitorSpec,
  dataset: Dataset | undefined,
): Pick<TableSource, 'timeColumn' | 'without'> =>
  excluded === undefined || current?.prepare === undefined || dataset?.time === undefined
    ? {}
    : { timeColumn: dataset.time, without: excluded };

function nextFor({ registry }: Pick<Services, 'registry'>, hash: ContentHash, removed: Removed | undefined): string {
  if (removed !== undefined)
    return 'serve a version whose reference is here: "refit models" lists versions, "refit promote" serves one';
  return registry.upkeep.isElsewhere(hash)
    ? 'a remote has them, and no pull fetched them: "refit pull <remote> --all" does'
    : '"refit doctor" says where a copy is; if a remote has them, "refit pull <remote> --all" fetches them';
}

/** A stored table where it lies. */
export async function artifactTable(services: Services, hash: ContentHash): Promise<Result<TableSource, Failure>> {
  const path = await services.artifacts.objectPath(hash);
  if (path !== undefined) return ok({ from: { kind: 'files', paths: [path] } });
  const removed = removedBytes(services, hash);
  return err({
    code: 'integrity',
    what: 'the rows of the reference',
    expected: hash,
    found: `nothing in the store${removed === undefined ? '' : `: ${removedText(removed)}`}`,
    next: nextFor(services, hash, removed),
  });
}

/** Profile of a stored table, or of a part of it; computed once for its content. */
export async function profileArtifact(
  services: Services,
  hash: ContentHash,
  part: Pick<TableSource, 'segment' | 'without' | 'timeColumn'> = {},
): Promise<Result<TableProfile, Failure>> {
  const { segment, without } = part;
  const kind = [
    segment === undefined ? 'table' : `segment ${JSON.stringify([segment.column, segment.value])}`,
    ...(without === undefined ? [] : [`without ${JSON.stringify(without)}`]),
  ].join(' ');
  const known = services.registry.profiles.get(hash, kind);
  if (known !== undefined) return ok(known);
  const table = await artifactTable(services, hash);
  if (!table.ok) return table;
  const profile = await services.datasets.profile({ ...table.value, ...part });
  if (profile.ok) services.registry.profiles.save(hash, kind, profile.value);
  return profile;
}
