import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';

/** Earlier windows that are read. */
export const WINDOWS = 8;
export interface Past {
  /** Uncut, with the column of its event time. */
  readonly table: TableSource;
  /** The last window ends here: rows that were accepted, since a model was trained on them. */
  readonly end: Instant;
  readonly lengthMs: number;
}

/** Windows of equal length, the last of them up to `end`; those without rows are left out. */
export async function pastWindows(
  services: Pick<Services, 'datasets'>,
  past: Past,
): Promise<Result<readonly TableProfile[], Failure>> {
  const { table, end, lengthMs } = past;
  if (table.timeColumn === undefined || !(lengthMs > 0)) return ok([]);
  const range = await services.datasets.timeRange(table);
  if (!range.ok || range.value === undefined) return range.ok ? ok([]) : range;
  const found: TableProfile[] = [];
  for (let i = 1; i <= WINDOWS; i++) {
    const [since, until] = [instantOf(end - i * lengthMs), instantOf(end - (i - 1) * lengthMs)];
    if (since < range.value.from) break;
    const profile = await services.datasets.profile({ ...table, since, until });
    if (!profile.ok) return profile;
    if (profile.value.rows > 0) found.push(profile.value);
  }
  return ok(found);
}
