import { DOUBTFUL } from '../../data/judge/fault.js';
import type { ColumnContext, DriftReport, FeatureDrift } from '../../domain/data/drift.js';
import type { Finding } from '../../domain/data/finding.js';
import { DAY_MS, type Instant } from '../../domain/support/time.js';
import { withVerdicts } from './judge-table.js';

/** Share of faulty rows within a part of the window from which the part itself counts as the fault. */
const WHOLE_STRETCH = 0.9;

/**
 * Settles unclear findings by their context. A change is a fault if it begins with a file and not with a day, if it
 * fills a part of the window and then ends, or if code that makes the column changed. A gradual change comes from the
 * world.
 */
export function settleUnclear(report: DriftReport): DriftReport {
  if (report.unclear.length === 0) return report;
  const said = new Map(report.unclear.map((one) => [one.id, settle(one, report)]));
  const faults = report.unclear.filter((one) => said.get(one.id)?.is === 'fault');
  const worlds = report.unclear.filter((one) => said.get(one.id)?.is === 'world');
  if (faults.length + worlds.length === 0) return report;
  const bugs = faults.map((one) => asBug(one, said.get(one.id)?.because ?? ''));
  const isOf = (found: readonly Finding[], feature: FeatureDrift): boolean =>
    found.some((one) => one.column === feature.name);
  const features = report.features.map((feature): FeatureDrift => {
    if (feature.verdict !== 'unclear') return feature;
    if (isOf(faults, feature)) return { ...feature, verdict: 'finding' };
    return isOf(worlds, feature) ? { ...feature, verdict: 'drift' } : feature;
  });
  return withVerdicts({ ...report, dataBugs: [...report.dataBugs, ...bugs] }, features);
}

/** Calls the unclear columns stable, for a pipeline that ignores them. */
export const withoutUnclear = (report: DriftReport): DriftReport =>
  withVerdicts(
    report,
    report.features.map((one): FeatureDrift => (one.verdict === 'unclear' ? { ...one, verdict: 'stable' } : one)),
  );

interface Settled {
  readonly is: 'fault' | 'world' | 'unclear';
  readonly because?: string;
}

function settle(finding: Finding, report: DriftReport): Settled {
  const context = report.features.find((one) => one.name === finding.column)?.context;
  if (context === undefined) return { is: 'unclear' };
  const { onset, upstream, correlation } = context;
  const [changed] = upstream?.changed ?? [];
  if (changed !== undefined) return { is: 'fault', because: `${changed} changed since the reference` };
  if (onset?.kind === 'file' && !isMidnight(onset.from ?? onset.until))
    return { is: 'fault', because: 'it begins or ends with a file' };
  if (isWholeStretch(finding, context, report)) return { is: 'fault', because: 'all rows of one stretch have it' };
  if (onset?.kind === 'gradual' && correlation?.isBroken !== true) return { is: 'world' };
  return { is: 'unclear' };
}

const isMidnight = (at: Instant | undefined): boolean => at === undefined || at % DAY_MS === 0;

/**
 * Whether values are missing, or stay at one value, in nearly all rows of a part of the window that ends before it or
 * began in it. Zero may be real: a shop is closed for some days.
 */
function isWholeStretch({ code, evidence }: Finding, { onset }: ColumnContext, { current }: DriftReport): boolean {
  const isAsked = code === 'missing-rose' || (code === 'sentinel' && evidence.value !== 0);
  if (!isAsked || onset === undefined || current?.from === undefined || current.to === undefined) return false;
  if (onset.kind === 'whole-window' || onset.kind === 'gradual') return false;
  const length = (onset.until ?? current.to) - (onset.from ?? current.from);
  const part = length / Math.max(1, current.to - current.from);
  const share = typeof evidence.after === 'number' ? evidence.after : 0;
  return share >= WHOLE_STRETCH * part;
}

function asBug(finding: Finding, because: string): Finding {
  const { readings: _, ...rest } = finding;
  return {
    ...rest,
    severity: 'error',
    detail: `${finding.detail.replace(DOUBTFUL, '')}; ${because}`,
  };
}
