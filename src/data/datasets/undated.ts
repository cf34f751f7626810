import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { When } from '../../domain/when.js';
import { linesOf } from '../../pipeline/parse/source/bundle.js';

/**
 * Warns of datasets without `time` where `--now` is given: only the time of its rows tells what is later. When a file was
 * written says nothing, because a copy or a checkout writes all of them anew.
 */
export function warnOfUndated(
  { warn }: Pick<Services, 'warn'>,
  { datasets, text }: Pick<Pipeline, 'datasets' | 'text'>,
  { isNowGiven }: Pick<When, 'isNowGiven'>,
): void {
  if (!isNowGiven) return;
  const lineOf = linesOf(text);
  warn(
    datasets.filter(isUndated).map(({ name, at }) => ({
      severity: 'warning',
      code: 'time-undeclared',
      message: `--now hides no row of dataset "${name}": it does not say which column holds the time of a row`,
      at,
      sourceLine: lineOf(at),
      suggestion: `add datasets.${name}.time; without it, all rows are read, also later ones`,
    })),
  );
}

/** A query is cut through the datasets that it names, a snapshot by its windows, and what steps make by what they read. */
const isUndated = ({ time, source, remote, isMade }: Dataset): boolean =>
  time === undefined &&
  remote === undefined &&
  !isMade &&
  (source.kind === 'paths' || source.sql.every((part) => typeof part === 'string'));
