import type { ResolvedDataset } from '../../domain/data/dataset.js';
import type { Failure } from '../../domain/failure.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Cut, resolveFiles } from './dataset-files.js';
import { exclusionParts } from './exclusions.js';
import { resolveQuery } from './resolve-query.js';

/** A dataset as one command sees it: its files, or the copy of its query's rows, without what lies outside the cut. */
export async function resolveDataset(
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> {
  const resolved =
    dataset.source.kind === 'query'
      ? await resolveQuery(services, dataset, cut)
      : await resolveFiles(services, dataset, cut);
  const excluded = exclusionParts(dataset);
  return resolved.ok && Object.keys(excluded).length > 0 ? ok({ ...resolved.value, excluded }) : resolved;
}
