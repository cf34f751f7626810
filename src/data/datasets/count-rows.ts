import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';

/** Text tables above this size are not read just to be counted; Parquet says its rows in its footer. */
const LARGEST_TEXT_BYTES = 64 * 1024 * 1024;

/** Adds the row count to every written artifact that is a table. */
export async function countTableRows(
  services: Pick<Services, 'datasets' | 'files'>,
  uses: readonly ArtifactUse[],
): Promise<readonly ArtifactUse[]> {
  const counted: ArtifactUse[] = [];
  for (const use of uses) counted.push(isCountable(use) ? await countOne(services, use) : use);
  return counted;
}

const isCountable = ({ path, artifact }: ArtifactUse): boolean =>
  artifact.kind === 'file' &&
  (/\.parquet$/i.test(path) || (/\.(csv|tsv|jsonl|ndjson)$/i.test(path) && artifact.size < LARGEST_TEXT_BYTES));

async function countOne(services: Pick<Services, 'datasets' | 'files'>, use: ArtifactUse): Promise<ArtifactUse> {
  const rows = await services.datasets.countRows({
    from: { kind: 'files', paths: [services.files.absolute(use.path)] },
  });
  return rows.ok ? { ...use, rows: rows.value } : use;
}
