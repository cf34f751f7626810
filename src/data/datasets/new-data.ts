import { createHash } from 'node:crypto';
import type { NewData, NewDataSince } from '../../domain/decisions/measurements.js';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash, RunId } from '../../domain/ids.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { Run } from '../../domain/runs/run.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { datasetTable } from '../windows/window.js';
import { countLabels } from './count-labels.js';
import { listFiles } from './dataset-files.js';

/** No dataset can have this name. */
const LABELS = '@labels';

const sizeKey = (run: RunId, dataset: string): ContentHash =>
  createHash('sha256').update(`${run}\n${dataset}\nsize`).digest('hex') as ContentHash;

/** Rows and labels that existed at `now`, for every dataset of the pipeline: what later "new rows" are counted from. */
export async function recordDatasetSizes(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  when: When,
): Promise<Result<void, Failure>> {
  for (const dataset of pipeline.datasets) {
    const rows = await countVisible(services, dataset, when);
    if (!rows.ok) return rows;
    saveSize(services, run, dataset.name, rows.value);
  }
  const labels = await countLabels(services, pipeline, when);
  if (!labels.ok) return labels;
  if (labels.value !== undefined) saveSize(services, run, LABELS, labels.value);
  return ok(undefined);
}

const saveSize = ({ registry }: Services, run: RunId, name: string, rows: number): void =>
  registry.profiles.save(sizeKey(run, name), 'dataset-size', { format: 2, rows, columns: [] });

/** Rows of a dataset when a run read it, if it recorded that. */
export const datasetSize = ({ registry }: Pick<Services, 'registry'>, run: RunId, name: string): number | undefined =>
  registry.profiles.get(sizeKey(run, name), 'dataset-size')?.rows;

async function countVisible(services: Services, dataset: Dataset, when: When): Promise<Result<number, Failure>> {
  const table = await datasetTable(services, dataset, { until: when.now });
  if (!table.ok) return table.error.code === 'data-empty' ? ok(0) : table;
  return services.datasets.countRows(table.value);
}

interface Since {
  /** Newest first. */
  readonly trainings: readonly Run[];
  readonly championRun: RunId;
}

/** What a dataset gained since the newest training and since the champion's; the reason where that cannot be said. */
export async function measureNewData(
  services: Services,
  pipeline: Pipeline,
  asked: Since & { readonly dataset: Dataset | undefined; readonly countsLabels: boolean },
  when: When,
): Promise<Result<NewDataSince | string, Failure>> {
  const { dataset, trainings, championRun } = asked;
  const name = dataset?.name ?? LABELS;
  const base = trainings.find((run) => datasetSize(services, run.id, name) !== undefined);
  if (base === undefined) return ok('no training has recorded its size');
  const now = await sizeNow(services, pipeline, asked, when);
  if (!now.ok) return now;
  const since = (run: RunId): NewData => growthSince(services, { run, name, now: now.value });
  const isChampionKnown = datasetSize(services, championRun, name) !== undefined;
  return ok({
    training: { ...since(base.id), run: base.id },
    champion: isChampionKnown ? since(championRun) : "the champion's run has not recorded its size",
  });
}

interface SizeNow {
  readonly rows: number;
  readonly labels: number | undefined;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

async function sizeNow(
  services: Services,
  pipeline: Pipeline,
  { dataset, countsLabels }: { readonly dataset: Dataset | undefined; readonly countsLabels: boolean },
  when: When,
): Promise<Result<SizeNow, Failure>> {
  const rows = dataset === undefined ? ok(0) : await countVisible(services, dataset, when);
  if (!rows.ok) return rows;
  const labels = countsLabels ? await countLabels(services, pipeline, when) : ok(undefined);
  if (!labels.ok) return labels;
  const paths = dataset === undefined ? [] : await listFiles(services, dataset);
  const files = await Promise.all(
    paths.map(async (path) => ({ path, size: (await services.files.stat(path))?.size ?? 0 })),
  );
  return ok({ rows: rows.value, labels: labels.value, files });
}

/** Rows and labels by their counts then, files and bytes by what the run's lineage says that it read. */
function growthSince(
  services: Services,
  { run, name, now }: { readonly run: RunId; readonly name: string; readonly now: SizeNow },
): NewData {
  const known = new Map(
    services.registry.runs
      .executions(run)
      .flatMap((execution) => services.registry.runs.uses(execution.id).reads)
      .filter((use) => use.dataset === name)
      .map((use) => [use.path as string, use.artifact.size]),
  );
  const labels = datasetSize(services, run, LABELS);
  return {
    rows: now.rows - (datasetSize(services, run, name) ?? 0),
    files: now.files.filter((file) => !known.has(file.path)).length,
    // a file that has grown since has new bytes too
    bytes: now.files.reduce((sum, file) => sum + Math.max(0, file.size - (known.get(file.path) ?? 0)), 0),
    ...(labels === undefined || now.labels === undefined ? {} : { labels: now.labels - labels }),
  };
}
