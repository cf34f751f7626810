import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import { windowsEnd } from '../domain/pipeline/remote-source.js';
import { DAY_MS, type Instant } from '../domain/support/time.js';
import { linesOf } from './parse/source/bundle.js';

/** Half a year is time enough to choose longer windows. */
const AHEAD_MS = 180 * DAY_MS;

/** Datasets that have too many windows to be read, or soon will. */
export function manyWindows(
  { datasets, text }: Pick<Pipeline, 'datasets' | 'text'>,
  now: Instant,
): readonly Diagnostic[] {
  const lineOf = linesOf(text);
  return datasets.flatMap(({ name, remote, at }): readonly Diagnostic[] => {
    const end = remote === undefined ? undefined : windowsEnd(name, remote, { now, withinMs: AHEAD_MS });
    return end === undefined ? [] : [{ severity: 'warning', code: 'many-windows', ...end, at, sourceLine: lineOf(at) }];
  });
}
