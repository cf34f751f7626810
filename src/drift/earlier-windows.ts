import { pastOfDataset } from '../data/check-data.js';
import { wholeDays } from '../data/judge/windows/whole-days.js';
import type { Past } from '../data/windows/past-windows.js';
import { artifactTable } from '../data/windows/window.js';
import { knownTypes } from '../domain/data/known-types.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { DAY_MS, type Instant, instantOf } from '../domain/support/time.js';

/**
 * Earlier windows of the dataset. If a step prepares the window, earlier windows of the reference instead, because
 * those have the same columns.
 */
export async function pastOf(
  services: Services,
  pipeline: Pipeline,
  known: {
    readonly hash: ContentHash;
    readonly reference: TableProfile;
    readonly current: TableProfile;
    readonly now: Instant;
  },
): Promise<Result<Past | undefined, Failure>> {
  const { current } = pipeline.monitor ?? {};
  const dataset = pipeline.datasets.find((one) => one.name === current?.dataset);
  if (current?.prepare === undefined && dataset !== undefined)
    return pastOfDataset(services, dataset, { ...known, windowMs: current?.windowMs });
  const table = await artifactTable(services, known.hash);
  return table.ok ? ok(pastOfTable(table.value, known.reference, known.current)) : table;
}

/**
 * The reference's own rows as a past: windows as long as the current one, the last of them where the reference ends.
 * `undefined` unless both tables have times in the same column.
 */
export function pastOfTable(table: TableSource, reference: TableProfile, current: TableProfile): Past | undefined {
  const [was, is] = [reference.time, current.time];
  if (was === undefined || is === undefined || was.column !== is.column) return undefined;
  return {
    table: { ...table, timeColumn: was.column, types: knownTypes(reference) },
    end: instantOf(was.to + 1),
    lengthMs: wholeDays(is.to - is.from + stepOf(is)),
  };
}

/** Dates without hours are only precise to the day, so a window of one date is a day long. */
const stepOf = ({ from, to }: { readonly from: Instant; readonly to: Instant }): number =>
  from % DAY_MS === 0 && to % DAY_MS === 0 ? DAY_MS : 0;
