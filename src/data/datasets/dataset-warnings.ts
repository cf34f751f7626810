import type { Diagnostic } from '../../domain/pipeline/diagnostic.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { When } from '../../domain/when.js';
import { filesLeftOut } from '../../pipeline/files-left-out.js';
import { linesOf } from '../../pipeline/parse/source/bundle.js';

type Declared = Pick<Pipeline, 'datasets' | 'text'>;

/** Warns of rows that `--now` does not hide, and of files that a dataset leaves out. */
export async function warnOfDatasets(
  services: Pick<Services, 'warn' | 'files'>,
  pipeline: Declared,
  when: Pick<When, 'isNowGiven'>,
): Promise<void> {
  services.warn([...undatedDatasets(pipeline, when), ...(await filesLeftOut(services, pipeline))]);
}

/**
 * Datasets without `time` where `--now` is given: only the time of its rows tells what is later. When a file was
 * written says nothing, because a copy or a checkout writes all of them anew.
 */
function undatedDatasets(
  { datasets, text }: Declared,
  { isNowGiven }: Pick<When, 'isNowGiven'>,
): readonly Diagnostic[] {
  if (!isNowGiven) return [];
  const lineOf = linesOf(text);
  return datasets.filter(isUndated).map(({ name, at }) => ({
    severity: 'warning',
    code: 'time-undeclared',
    message: `--now hides no row of dataset "${name}": it does not say which column holds the time of a row`,
    at,
    sourceLine: lineOf(at),
    suggestion: `add datasets.${name}.time; without it, all rows are read, also later ones`,
  }));
}

/** A query is cut through the datasets that it names, a snapshot by its windows, and what steps make by what they read. */
const isUndated = ({ time, source, remote, isMade }: Dataset): boolean =>
  time === undefined &&
  remote === undefined &&
  !isMade &&
  (source.kind === 'paths' || source.sql.every((part) => typeof part === 'string'));
