import { findingJson, findingParts } from '../../data/views/data-view.js';
import type { Level } from '../../domain/data/detector.js';
import type {
  EarnedVerdict,
  Estimate,
  PerformanceChange,
  PerformanceReport,
  PerformanceWindow,
} from '../../domain/data/performance.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, figure, line, moment, plural, span, strong, table, toned, word } from '../../render/parts/parts.js';
import { earnedJson, earnedParts, earnedVerdictJson, earnedVerdictParts } from './earned-view.js';
import { episodeJson } from './episode-view.js';

/** The document of `check-performance`. */
export function performanceView(
  report: PerformanceReport,
  earned: readonly EarnedVerdict[] = [],
  plot: readonly ViewPart[] = [],
): View {
  return {
    json: { ...performanceJson(report), earned_verdicts: earned.map(earnedVerdictJson) },
    parts: [...performanceParts(report), ...plot, ...earned.flatMap(earnedVerdictParts)],
  };
}

const performanceJson = (report: PerformanceReport): JsonObject => ({
  verdict: report.verdict,
  undecided_because: report.undecidedBecause ?? null,
  detail: report.detail,
  metric: report.metric ?? null,
  version: report.version === undefined ? null : { model: report.version.model, version: report.version.version },
  window_ms: report.windowMs,
  label_delay_ms: report.delayMs,
  as_of: toIso(report.asOf),
  current: report.current === undefined ? null : windowJson(report.current),
  reference: report.reference ?? null,
  fall: report.fall ?? null,
  limit: report.limit ?? null,
  drop: report.drop ?? null,
  spread: report.spread ?? null,
  evidence: report.evidence === undefined ? null : estimateJson(report.evidence),
  episode: report.episode === undefined ? null : episodeJson(report.episode),
  change: changeJson(report.change),
  detectors: report.detectors.map(
    ({ name, items, alarms }): Json => ({
      name,
      items,
      alarms: alarms.map(({ at, index }): Json => ({ at: toIso(at), index })),
    }),
  ),
  windows: report.windows.map(windowJson),
  metrics: Object.fromEntries(Object.entries(report.metrics).map(([name, one]) => [name, estimateJson(one)])),
  segments: report.segments.map(
    (segment): Json => ({
      column: segment.column,
      value: segment.value,
      verdict: segment.verdict,
      current: windowJson(segment.current),
      reference: segment.reference ?? null,
      fall: segment.fall ?? null,
      limit: segment.limit ?? null,
    }),
  ),
  problems: report.findings.map(findingJson),
  counts: { ...report.counts },
  without_labels: withoutLabelsJson(report.withoutLabels),
  earned: report.earned.map(earnedJson),
});

const estimateJson = ({ value, lower, upper, rows }: Estimate): JsonObject => ({ value, lower, upper, n: rows });

const windowJson = ({ from, to, predictions, labelled, estimate }: PerformanceWindow): JsonObject => ({
  from: toIso(from),
  to: toIso(to),
  n: labelled,
  predictions,
  value: estimate?.value ?? null,
  lower: estimate?.lower ?? null,
  upper: estimate?.upper ?? null,
});

const levelJson = ({ value, lower, upper, items }: Level): JsonObject => ({ value, lower, upper, n: items });

function returnedJson(returned: PerformanceChange['returnedTo']): Json {
  if (returned === undefined) return null;
  return 'version' in returned
    ? { model: returned.model, version: returned.version }
    : { from: toIso(returned.from), to: toIso(returned.to) };
}

function changeJson(change: PerformanceChange | undefined): Json {
  if (change === undefined) return null;
  return {
    form: change.form,
    kind: change.kind,
    since: toIso(change.since),
    since_lower: toIso(change.sinceLower),
    since_upper: toIso(change.sinceUpper),
    until: change.until === undefined ? null : toIso(change.until),
    returned_to: returnedJson(change.returnedTo),
    error: change.error,
    before: levelJson(change.before),
    after: levelJson(change.after),
    sentence: change.sentence,
  };
}

function withoutLabelsJson(known: PerformanceReport['withoutLabels']): Json {
  if (known === undefined) return null;
  const { predictionDrift, estimated } = known;
  return {
    prediction_drift:
      predictionDrift === undefined
        ? null
        : {
            verdict: predictionDrift.verdict,
            score: predictionDrift.score ?? null,
            limit: predictionDrift.limit ?? null,
          },
    estimated:
      estimated === undefined
        ? null
        : {
            metric: estimated.metric,
            value: estimated.value,
            compared_with: estimated.comparedWith,
            at_gate: estimated.atGate ?? null,
            sees_concept_drift: false,
          },
  };
}

/** Windows that are listed for people. The JSON has all of them. */
const SHOWN = 8;

/** The same for people. */
export function performanceParts(report: PerformanceReport): readonly ViewPart[] {
  const { version, current, counts, change, metric } = report;
  const subject = version === undefined ? 'performance' : `${version.model}@${version.version}`;
  const rows =
    current === undefined ? '' : `, ${plural(current.labelled, 'labelled prediction')} of ${current.predictions}`;
  const windows = current === undefined ? [] : [...report.windows.slice(-SHOWN), current];
  const alarms = report.detectors.flatMap(({ name, alarms: all }) =>
    all.length === 0 ? [] : [`${name} ${all.length}, last ${moment(all.at(-1)?.at ?? report.asOf)}`],
  );
  return [
    line(strong(subject), ': ', word(report.verdict), dim(rows)),
    line(`  ${report.detail}`),
    ...(report.verdict === 'drift' || change === undefined
      ? []
      : [line(dim(`  within what is usual: ${change.sentence}`))]),
    ...(counts.waiting === 0
      ? []
      : [
          line(
            dim(`  ${plural(counts.waiting, 'prediction')} of the last ${span(report.delayMs)} still wait for labels`),
          ),
        ]),
    ...findingParts(report.findings),
    ...(windows.length === 0 || metric === undefined
      ? []
      : [
          table(
            ['from', 'to', 'labelled', metric, '95 %'],
            windows.map((one) => windowRow(one, one === current)),
          ),
        ]),
    ...metricParts(report),
    ...segmentParts(report),
    ...(alarms.length === 0 ? [] : [line(dim(`  alarms on the stream of errors: ${alarms.join('; ')}`))]),
    ...earnedParts(report.earned),
  ];
}

const windowRow = ({ from, to, labelled, estimate }: PerformanceWindow, isCurrent: boolean) => [
  moment(from),
  moment(to),
  String(labelled),
  estimate === undefined ? dim('–') : isCurrent ? strong(figure(estimate.value)) : figure(estimate.value),
  estimate === undefined
    ? dim('too few rows')
    : dim(`${figure(estimate.lower)} … ${figure(estimate.upper)}${isCurrent ? '  ← judged' : ''}`),
];

function metricParts({ metrics, metric }: PerformanceReport): readonly ViewPart[] {
  const others = Object.entries(metrics).filter(([name]) => name !== metric);
  return others.length === 0
    ? []
    : [line(dim(`  ${others.map(([name, one]) => `${name} ${figure(one.value)}`).join(' · ')}`))];
}

function segmentParts({ segments }: PerformanceReport): readonly ViewPart[] {
  const drifting = segments.filter((one) => one.verdict === 'drift');
  if (segments.length === 0) return [];
  if (drifting.length === 0)
    return [line(dim(`  ${plural(segments.length, 'segment')} looked at, none worse than it swings`))];
  return [
    table(
      ['segment', 'now', 'was', 'worse by', 'limit'],
      drifting.map((one) => [
        toned(`${one.column} ${one.value}`, 'warn'),
        figure(one.current.estimate?.value ?? 0),
        figure(one.reference ?? 0),
        figure(one.fall ?? 0),
        figure(one.limit ?? 0),
      ]),
    ),
  ];
}
