import { createHash } from 'node:crypto';
import type { NewData } from '../decide/measurements.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { Dataset, Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';
import { listFiles } from './dataset-files.js';
import { datasetTable, type When } from './window.js';

const sizeKey = (run: RunId, dataset: string): ContentHash =>
  createHash('sha256').update(`${run}\n${dataset}\nsize`).digest('hex') as ContentHash;

/** Rows that existed at `now`, for every dataset of the pipeline: what later "new rows" are counted from. */
export async function recordDatasetSizes(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  when: When,
): Promise<Result<void, Failure>> {
  for (const dataset of pipeline.datasets) {
    const rows = await countVisible(services, dataset, when);
    if (!rows.ok) return rows;
    services.registry.profiles.save(sizeKey(run, dataset.name), 'dataset-size', {
      format: 2,
      rows: rows.value,
      columns: [],
    });
  }
  return ok(undefined);
}

async function countVisible(services: Services, dataset: Dataset, when: When): Promise<Result<number, Failure>> {
  const table = await datasetTable(services, dataset, { until: when.now });
  if (!table.ok) return table.error.code === 'data-empty' ? ok(0) : table;
  return services.datasets.countRows(table.value);
}

/** What a dataset gained since the newest whole run of those that trained; the reason where that cannot be said. */
export async function measureNewData(
  services: Services,
  dataset: Dataset,
  trainings: readonly Run[],
  when: When,
): Promise<Result<NewData | string, Failure>> {
  const before = trainings
    .flatMap(({ id }) => {
      const size = services.registry.profiles.get(sizeKey(id, dataset.name), 'dataset-size');
      return size === undefined ? [] : [{ run: id, rows: size.rows }];
    })
    .at(0);
  if (before === undefined) return ok('no training has recorded its size');
  const rows = await countVisible(services, dataset, when);
  if (!rows.ok) return rows;
  const known = new Set(
    services.registry.runs
      .executions(before.run)
      .flatMap((execution) => services.registry.runs.uses(execution.id).reads)
      .filter((use) => use.dataset === dataset.name)
      .map((use) => use.path as string),
  );
  const added = (await listFiles(services, dataset)).filter((file) => !known.has(file));
  const sizes = await Promise.all(added.map(async (file) => (await services.files.stat(file))?.size ?? 0));
  return ok({
    rows: rows.value - before.rows,
    files: added.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  });
}
