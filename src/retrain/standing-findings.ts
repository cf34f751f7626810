import { readAnswers } from '../data/answered-findings.js';
import { subjectOf } from '../data/judge/finding.js';
import type { Finding } from '../domain/data/finding.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { formatDuration, type Instant, instantOf } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { championOf } from '../models/champion.js';
import { trainingReach } from './training-reach.js';

/** What a check found that holds a retrain. */
export interface HoldingFindings {
  readonly findings: readonly Finding[];
  readonly unclear: readonly Finding[];
}

/** Findings about rows that are not there. No training can read them. */
const WITHOUT_ROWS: ReadonlySet<string> = new Set([
  ...['stale', 'empty', 'row-count', 'rows-missing', 'fewer-rows'],
  ...['labels-missing', 'labels-stopped', 'empty-file'],
]);

/**
 * The findings of a check, with those of earlier ticks that nobody has answered and whose rows the monitor's window has
 * left, but which the next training would still read. Data that was corrected no longer shows them: the windows in which
 * they were seen are checked again.
 */
export async function withStanding(
  services: Services,
  pipeline: Pipeline,
  when: When,
  checked: HoldingFindings & { readonly recheck: (then: When) => Promise<HoldingFindings | undefined> },
): Promise<HoldingFindings> {
  const applyAnswers = readAnswers(services, pipeline);
  const before = services.registry.findings.open(pipeline.name, services.clock.now()).map(applyAnswers);
  const now = {
    findings: checked.findings.map((one) => sightedNow(one, before, when)),
    unclear: checked.unclear.map((one) => sightedNow(one, before, when)),
  };
  const current = [...now.findings, ...now.unclear];
  const left = before.filter(
    (one) => one.severity !== 'warning' && !WITHOUT_ROWS.has(one.code) && !current.some((other) => isSame(one, other)),
  );
  const standing: Finding[] = [];
  for (const one of left)
    if (await isStillRead(services, pipeline, when, { finding: one, recheck: checked.recheck })) standing.push(one);
  const told = standing.map((one) => inTrainingData(one, when));
  return {
    findings: [...now.findings, ...told.filter((one) => one.severity === 'error')],
    unclear: [...now.unclear, ...told.filter((one) => one.severity === 'unclear')],
  };
}

/** A kind of fault in a column. It keeps its subject while the window moves over it, but not its size. */
const isSame = (a: Finding, b: Finding): boolean =>
  a.dataset === b.dataset && a.code === b.code && subjectOf(a) === subjectOf(b);

/** Its rows begin where earlier windows saw them begin, so that one answer is about all of them. */
function sightedNow(finding: Finding, before: readonly Finding[], { now }: When): Finding {
  const earlier = before.find((one) => isSame(one, finding));
  const [since, first] = [finding.rowsIn?.since, earlier?.rowsIn?.since];
  const rowsIn =
    since === undefined || first === undefined || first >= since ? finding.rowsIn : { ...finding.rowsIn, since: first };
  return { ...finding, seen: now, rowsIn };
}

const LEFT = '; the window has moved on, but the next training would read these rows';

function inTrainingData(finding: Finding, { now }: When): Finding {
  const [detail = ''] = finding.detail.split(LEFT);
  const age = finding.seen === undefined ? '' : ` (last seen ${formatDuration(Math.max(0, now - finding.seen))} ago)`;
  return { ...finding, detail: `${detail}${LEFT}${age}` };
}

async function isStillRead(
  services: Services,
  pipeline: Pipeline,
  when: When,
  {
    finding,
    recheck,
  }: { readonly finding: Finding; readonly recheck: (then: When) => Promise<HoldingFindings | undefined> },
): Promise<boolean> {
  const { seen } = finding;
  // All rows of a dataset without a window were checked just now. A finding of an earlier release has no time.
  const dataset = pipeline.datasets.find((one) => one.name === datasetOf(pipeline, finding));
  if (seen === undefined || dataset === undefined || pipeline.monitor?.current?.windowMs === undefined) return false;
  if (dataset.name !== pipeline.monitor.current.dataset) return false;
  // A model that was trained since has made unclear rows part of its world.
  if (finding.severity === 'unclear' && isTrainedSince(services, pipeline, when, seen)) return false;
  const reach = await trainingReach(services, pipeline, dataset, when);
  if (reach !== undefined && seen <= reach) return false;
  const windows = windowsOver(finding, seen, pipeline.monitor.current.windowMs);
  if (windows === undefined) return true;
  for (const now of windows) {
    const found = await recheck({ now, isNowGiven: true });
    if (found === undefined || [...found.findings, ...found.unclear].some((one) => isSame(one, finding))) return true;
  }
  return false;
}

/** More windows than these are not checked again: the finding stays. */
const MOST_WINDOWS = 60;

/**
 * Ends of the windows that cover the rows of a finding, the newest first. Each lies just before a decision: what was
 * published at that moment or later is no reference, because it may have been trained on these rows.
 */
function windowsOver({ rowsIn }: Finding, seen: Instant, windowMs: number): readonly Instant[] | undefined {
  const count = Math.max(1, Math.ceil((seen - (rowsIn?.since ?? seen)) / windowMs));
  if (count > MOST_WINDOWS) return undefined;
  return Array.from({ length: count }, (_, i) => instantOf(seen - 1 - i * windowMs));
}

const datasetOf = ({ monitor }: Pipeline, { dataset }: Finding): string | undefined =>
  dataset ?? monitor?.current?.dataset;

function isTrainedSince(services: Services, pipeline: Pipeline, when: When, seen: Instant): boolean {
  const champion = championOf(services, pipeline, when);
  const run = champion === undefined ? undefined : services.registry.runs.get(champion.run);
  return run !== undefined && run.now >= seen;
}
