import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import type { Triage } from '../judge/triage.js';

/** Windows that are looked back at. */
const WINDOWS = 8;
/** A window whose rows come so much thinner than the reference's is looked at beside earlier ones. */
const THIN = 0.6;

export interface Past {
  /** Uncut, with the column of its event time. */
  readonly table: TableSource;
  /** The last window ends here: rows that were accepted, since a model was trained on them. */
  readonly end: Instant;
  readonly lengthMs: number;
}

/** Windows of equal length, the last of them up to `end`; those without rows are left out. */
async function pastWindows(
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

/** Compares a window with the reference and earlier windows. It is passed in because comparing columns belongs to drift/. */
export type FindDataBugs = (
  reference: TableProfile,
  current: TableProfile,
  options: {
    readonly dataset?: string;
    readonly ignore: readonly string[];
    /** Earlier windows as long as the current one. */
    readonly history: readonly TableProfile[];
    readonly isFirstLook?: boolean;
  },
) => Triage;

/**
 * Triage of a window; where something looks broken, or rows come thin, beside earlier windows as long: one day has one
 * season and one week no holiday, and neither is broken.
 */
export async function triageWindow(
  services: Pick<Services, 'datasets'>,
  [reference, current]: readonly [TableProfile, TableProfile],
  options: {
    readonly dataset?: string;
    readonly ignore: readonly string[];
    readonly findDataBugs: FindDataBugs;
    readonly past: () => Promise<Result<Past | undefined, Failure>>;
  },
): Promise<Result<Triage, Failure>> {
  const { findDataBugs } = options;
  const first = findDataBugs(reference, current, { ...options, history: [], isFirstLook: true });
  if (first.bugs.length === 0 && !isThin(reference, current)) return ok(first);
  const past = await options.past();
  if (!past.ok) return past;
  if (past.value === undefined) return ok(findDataBugs(reference, current, { ...options, history: [] }));
  const history = await pastWindows(services, past.value);
  if (!history.ok) return history;
  return ok(findDataBugs(reference, current, { ...options, history: history.value }));
}

function isThin(reference: TableProfile, current: TableProfile): boolean {
  const rate = ({ rows, time }: TableProfile): number | undefined =>
    time === undefined || time.to <= time.from ? undefined : rows / (time.to - time.from);
  const [was, is] = [rate(reference), rate(current)];
  // without a rate of its own (one moment, no time) the reference's length stands for the window's
  return is === undefined || was === undefined ? current.rows < THIN * reference.rows : is < THIN * was;
}
