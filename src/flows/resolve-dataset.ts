import type { ResolvedDataset } from '../domain/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { Dataset } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/result.js';
import { type Cut, resolveFiles } from './dataset-files.js';
import { resolveQuery } from './resolve-query.js';

/** A dataset as one command sees it: its files, or the copy of its query's rows, without what lies outside the cut. */
export const resolveDataset = (
  services: Pick<Services, 'files' | 'datasets' | 'artifacts'>,
  dataset: Dataset,
  cut: Cut,
): Promise<Result<ResolvedDataset, Failure>> =>
  dataset.source.kind === 'query' ? resolveQuery(services, dataset, cut) : resolveFiles(services, dataset, cut);
