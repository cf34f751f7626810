import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { DAY_MS } from '../../domain/support/time.js';
import type { Rename } from '../judge/columns/renamed-column.js';
import type { RowEvidence } from '../judge/row-evidence.js';
import type { RowParts } from '../judge/rows-missing.js';
import type { Triage } from '../judge/triage-result.js';
import { type Past, pastWindows } from './past-windows.js';
import { readRenames } from './read-renames.js';
import { ALWAYS_READ } from './read-rows.js';
import { readRowParts } from './row-parts.js';

/** A window with less than this share of the reference's rows per time is compared with earlier ones. */
const THIN = 0.6;

/** Compares a window with the reference and earlier windows. It is passed in because comparing columns belongs to drift/. */
export type FindDataBugs = (
  reference: TableProfile,
  current: TableProfile,
  options: {
    readonly dataset?: string;
    readonly ignore: readonly string[];
    readonly label?: string;
    /** Earlier windows as long as the current one. */
    readonly history: readonly TableProfile[];
    readonly isFirstLook?: boolean;
    readonly rows?: RowEvidence;
    readonly parts?: RowParts;
    readonly renames?: readonly Rename[];
  },
) => Triage;

/**
 * Triage of a window. Where something looks broken, or rows come thin, it is asked again with earlier windows of the same
 * length and with rows of both: one day has one season and one week no holiday, and neither is broken.
 */
export async function triageWindow(
  services: Pick<Services, 'datasets'>,
  [reference, current]: readonly [TableProfile, TableProfile],
  options: {
    readonly dataset?: string;
    readonly ignore: readonly string[];
    readonly label?: string;
    readonly findDataBugs: FindDataBugs;
    readonly current: TableSource;
    readonly past: () => Promise<Result<Past | undefined, Failure>>;
    readonly rows: () => Promise<Result<RowEvidence | undefined, Failure>>;
  },
): Promise<Result<Triage, Failure>> {
  const { findDataBugs } = options;
  const renames = await readRenames(services, [reference, current], options);
  if (!renames.ok) return renames;
  const asked = {
    dataset: options.dataset,
    ignore: options.ignore,
    label: options.label,
    renames: renames.value,
  };
  const first = findDataBugs(reference, current, { ...asked, history: [], isFirstLook: true });
  const isBroken = first.bugs.length + first.unclear.length > 0;
  const asksPast = isBroken || isThin(reference, current);
  const past = asksPast ? await options.past() : ok(undefined);
  if (!past.ok) return past;
  // Few rows say nothing by themselves: without earlier windows nothing shows how many are usual.
  const isSuspicious = isBroken || past.value !== undefined;
  if (!isSuspicious && !hasCheapClock(reference, current)) return ok(first);
  const rows = current.rows === 0 ? ok(undefined) : await options.rows();
  if (!rows.ok) return rows;
  if (past.value === undefined)
    return ok(
      findDataBugs(reference, current, { ...asked, history: [], rows: rows.value, isFirstLook: !isSuspicious }),
    );
  const history = await pastWindows(services, past.value);
  if (!history.ok) return history;
  const parts =
    isThin(reference, current) && history.value.length > 0
      ? await readRowParts(services, past.value, { source: options.current, profile: current })
      : ok(undefined);
  if (!parts.ok) return parts;
  return ok(
    findDataBugs(reference, current, { ...asked, history: history.value, rows: rows.value, parts: parts.value }),
  );
}

/** Rows with hours, and few enough to look always at what they say of the day. */
function hasCheapClock(reference: TableProfile, current: TableProfile): boolean {
  const hasHours = [reference, current].every(({ time }) => time !== undefined && time.to % DAY_MS !== 0);
  const hasHourColumn = current.columns.some((one) => one.numeric?.min === 0 && one.numeric.max === 23);
  return (hasHours || hasHourColumn) && reference.rows + current.rows <= ALWAYS_READ && current.rows > 0;
}

function isThin(reference: TableProfile, current: TableProfile): boolean {
  const rate = ({ rows, time }: TableProfile): number | undefined =>
    time === undefined || time.to <= time.from ? undefined : rows / (time.to - time.from);
  const [was, is] = [rate(reference), rate(current)];
  // without a rate of its own (one moment, no time) the reference's length stands for the window's
  return is === undefined || was === undefined ? current.rows < THIN * reference.rows : is < THIN * was;
}
