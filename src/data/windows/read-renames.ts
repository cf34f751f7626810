import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { SpanColumn, TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/support/time.js';
import { findRenames, type Rename, renamePairs } from '../judge/columns/renamed-column.js';

/** Columns that end in the window where a new one begins. Reads rows only if the profiles allow of such a pair. */
export async function readRenames(
  services: Pick<Services, 'datasets'>,
  [reference, current]: readonly [TableProfile, TableProfile],
  options: { readonly ignore: readonly string[]; readonly label?: string; readonly current: TableSource },
): Promise<Result<readonly Rename[], Failure>> {
  const pairs = renamePairs(reference, current, options);
  if (pairs.length === 0) return ok([]);
  const { time } = current;
  const source = { ...options.current, timeColumn: time?.column };
  const columns = pairs.flatMap(({ now, to }) => [presence(now.name), presence(to.name)]);
  const spans = await services.datasets.countSpans(source, spanFor(time), columns);
  return spans.ok ? ok(findRenames(pairs, spans.value)) : spans;
}

/** One cell is enough: what counts is which rows lack a value. */
const presence = (name: string): SpanColumn => ({ name, values: [''] });

function spanFor(time: TableProfile['time']): number {
  const length = time === undefined ? 0 : time.to - time.from;
  return length > 31 * DAY_MS ? DAY_MS : length > DAY_MS ? HOUR_MS : MINUTE_MS;
}
