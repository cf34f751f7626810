import { brokenRowFailure } from '../../domain/data/broken-row.js';
import type { ResolvedDataset } from '../../domain/data/dataset.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { toIso } from '../../domain/support/time.js';
import { type Cut, timeKey } from './dataset-files.js';
import { composeQuery, identifyQuery, type QueryIdentity, type QueryText } from './query-dataset.js';

type Dependencies = Pick<Services, 'files' | 'datasets' | 'artifacts'>;

/** A source that is written while the query reads it: so often it is read again. */
const TRIES = 3;

/**
 * A dataset by query: one Parquet copy below `.refit/tmp`. It is known by the query's text and the hashes of the files that
 * it reads, where it reads nothing else; in every other case by the bytes of the copy.
 */
export async function resolveQuery(
  services: Dependencies,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> {
  for (let left = TRIES; left > 0; left--) {
    const query = await composeQuery(services, dataset, cut.until);
    if (!query.ok) return query;
    const identity = await identifyQuery(services, dataset, query.value);
    if (identity !== undefined && cut.isListed === true)
      return ok({ name: dataset.name, sources: identity.files, files: [], known: identity.parts, ...cutOf(cut) });
    if (identity !== undefined && cut.isDeferred === true)
      return ok({
        name: dataset.name,
        sources: identity.files,
        files: [],
        known: identity.parts,
        isPending: true,
        ...cutOf(cut),
      });
    // a plan where nothing has ever run: nothing is remembered that it could be compared with
    if (cut.isListed === true && (await services.files.stat('.refit')) === undefined)
      return ok({ name: dataset.name, sources: [], files: [], known: {} });
    const copied = await materialise(services, dataset, query.value, cut);
    if (!copied.ok) return copied;
    if (identity === undefined) return knownByBytes(services, dataset, copied.value);
    if (await isStill(services, dataset, query.value, identity))
      return ok({
        name: dataset.name,
        sources: identity.files,
        files: [copied.value],
        known: identity.parts,
        ...cutOf(cut),
      });
  }
  return err({ code: 'data-unreadable', source: `dataset "${dataset.name}"`, reason: 'its files change all the time' });
}

/** The moment counts: rows may be hidden by it. */
const cutOf = ({ since, until }: Cut): Pick<ResolvedDataset, 'cut'> =>
  since === undefined && until === undefined ? {} : { cut: { since, until } };

async function isStill(
  services: Dependencies,
  dataset: Dataset,
  query: QueryText,
  before: QueryIdentity,
): Promise<boolean> {
  const after = await identifyQuery(services, dataset, query);
  return JSON.stringify(after?.parts) === JSON.stringify(before.parts);
}

async function materialise(
  services: Dependencies,
  dataset: Dataset,
  { sql, faults }: QueryText,
  { since, until }: Cut,
): Promise<Result<WorkspacePath, Failure>> {
  const broken = brokenRowFailure(faults, { isGrowing: true });
  if (broken !== undefined) return err(broken);
  const scratch = await services.files.makeScratch('query');
  const copy = `${scratch}/${dataset.name}.parquet` as WorkspacePath;
  const written = await services.datasets.copyCut(
    {
      from: { kind: 'query', sql, name: `dataset "${dataset.name}"` },
      timeColumn: dataset.time,
      timeNamedBy: timeKey(dataset.name),
      since: dataset.time === undefined ? undefined : since,
      until: dataset.time === undefined ? undefined : until,
      without: dataset.excluded,
    },
    services.files.absolute(copy),
  );
  if (!written.ok) return written;
  if (written.value > 0) return ok(copy);
  const before = until === undefined ? '' : ` before ${toIso(until)}`;
  return err({ code: 'data-empty', source: `dataset "${dataset.name}"`, detail: `its query gives no row${before}` });
}

async function knownByBytes(
  services: Dependencies,
  dataset: Dataset,
  copy: WorkspacePath,
): Promise<Result<ResolvedDataset, Failure>> {
  const hash = (await services.artifacts.hash([copy])).get(copy)?.hash;
  if (hash === undefined) throw new Error('internal error: the copy of a query is not there');
  return ok({
    name: dataset.name,
    sources: [copy],
    files: [copy],
    known: { [`dataset:${dataset.name}:bytes`]: hash },
  });
}
