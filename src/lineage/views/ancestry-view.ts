import type { Generation } from '../../domain/models/version-lineage.js';
import type { Json } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, few, heading, line, moment, plural, strong, table } from '../../render/parts/parts.js';

/** The JSON field `ancestry` of `why`. */
export const ancestryJson = (ancestry: readonly Generation[]): readonly Json[] =>
  ancestry.map(({ model, version, run, trainedAt, parents, data }) => ({
    model,
    version,
    run,
    trained_at: toIso(trainedAt),
    parents: [...parents],
    data: data.map(({ dataset, files, newFiles, rows }) => ({
      dataset,
      rows: rows ?? null,
      new_files: newFiles,
      files: files.map(({ path, artifact }) => ({ path, hash: artifact.hash, size: artifact.size })),
    })),
  }));

/** The models that a model was trained on from, with the data of each. Nothing for a model trained from zero. */
export function ancestryParts(ancestry: readonly Generation[]): readonly ViewPart[] {
  if (ancestry.length === 0) return [];
  const files = new Set(
    ancestry.flatMap(({ data }) => data.flatMap((one) => one.files.map((use) => use.artifact.hash))),
  );
  return [
    heading('ancestry'),
    ancestryTable(ancestry),
    line(
      dim(
        `  ${plural(ancestry.length, 'generation')} have read ${plural(files.size, 'data file')} of different content`,
      ),
    ),
  ];
}

export const ancestryTable = (ancestry: readonly Generation[]): ViewPart =>
  table(
    ['version', 'trained (now, UTC)', 'started from', 'data'],
    ancestry.map(({ model, version, trainedAt, parents, data }) => [
      strong(`${model}@${version}`),
      moment(trainedAt),
      parents.length === 0 ? 'zero' : parents.join(', '),
      few(data.map(dataText)),
    ]),
  );

const dataText = ({ dataset, files, newFiles, rows }: Generation['data'][number]): string =>
  `${dataset}: ${rows === undefined ? '' : `${plural(rows, 'row')} in `}${plural(files.length, 'file')}${newFiles === files.length ? '' : `, ${newFiles} new`}`;
