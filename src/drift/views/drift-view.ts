import { findingJson, findingParts, shortName, unclearParts } from '../../data/views/data-view.js';
import { eventJson, eventParts } from '../../data/views/event-view.js';
import {
  type ColumnContext,
  type ColumnTrace,
  type DriftReport,
  type FeatureDrift,
  hasMoved,
  type WindowSummary,
} from '../../domain/data/drift.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, figure, heading, line, moment, plural, strong, table, times, word } from '../../render/parts/parts.js';
import { distributionsJson, driftPlots } from './drift-plots.js';

export const driftJson = (report: DriftReport): JsonObject => ({
  verdict: report.verdict,
  undecided_because: report.undecidedBecause ?? null,
  detail: report.detail ?? null,
  reference: referenceJson(report.reference),
  current: windowJson(report.current),
  features: report.features.map(
    (feature): Json => ({
      name: feature.name,
      kind: feature.kind,
      role: feature.role,
      method: feature.method,
      score: feature.score ?? null,
      threshold: feature.threshold ?? null,
      p_value: feature.pValue ?? null,
      p_adjusted: feature.adjustedPValue ?? null,
      verdict: feature.verdict,
      undecided_because: feature.undecidedBecause,
      unscaled: feature.unscaled,
      moved: feature.moved === undefined ? undefined : feature.moved.map((cell): Json => ({ ...cell })),
      detail: feature.detail,
      ...(feature.trace === undefined ? {} : traceJson(feature.trace)),
      ...(feature.context === undefined ? {} : contextJson(feature.context)),
    }),
  ),
  drifted: report.drifted,
  total: report.total,
  data_bugs: report.dataBugs.map((bug): Json => ({ ...findingJson(bug), kind: bug.code, evidence: bug.evidence })),
  unclear: report.unclear.map((one): Json => ({ ...findingJson(one), kind: one.code, evidence: one.evidence })),
  warnings: report.warnings.map(findingJson),
  segments: report.segments.map((segment): Json => ({ ...segment, drifted: [...segment.drifted] })),
  classifier: classifierJson(report.classifier),
  events: (report.events ?? []).map(eventJson),
  distributions: distributionsJson(report),
  nearest_version:
    report.nearestVersion === undefined
      ? null
      : {
          model: report.nearestVersion.model,
          version: report.nearestVersion.version,
          distance: report.nearestVersion.distance,
          champion_distance: report.nearestVersion.championDistance,
          clearly_closer: report.nearestVersion.isClearlyCloser,
        },
});

/** A column's context, for its document and for a finding's evidence. */
export const contextJson = ({ onset, upstream, correlation }: ColumnContext): JsonObject => ({
  onset:
    onset === undefined
      ? undefined
      : {
          kind: onset.kind,
          ...times({ from: onset.from, until: onset.until }),
          ...(onset.file === undefined ? {} : { file: onset.file }),
        },
  upstream:
    upstream === undefined
      ? undefined
      : {
          step: upstream.step ?? null,
          dataset: upstream.dataset ?? null,
          through: [...upstream.through],
          changed: [...upstream.changed],
        },
  correlation:
    correlation === undefined
      ? undefined
      : {
          with: correlation.with,
          before: correlation.before,
          after: correlation.after,
          broken: correlation.isBroken,
        },
});

/** The document of `check-drift`. */
export const driftView = (report: DriftReport): View => ({ json: driftJson(report), parts: driftParts(report) });

const referenceJson = (reference: WindowSummary | undefined): Json =>
  reference === undefined ? null : { ...(windowJson(reference) as JsonObject), of: reference.of ?? null };

const windowJson = (window: WindowSummary | undefined): Json =>
  window === undefined
    ? null
    : {
        rows: window.rows,
        source: window.source,
        from: null,
        to: null,
        ...times({ from: window.from, to: window.to }),
      };

const traceJson = ({ since, magnitude, pathLength, movement }: ColumnTrace): JsonObject => ({
  ...times({ since }),
  magnitude,
  path_length: pathLength,
  movement,
});

const classifierJson = (classifier: DriftReport['classifier']): Json =>
  classifier === undefined
    ? null
    : {
        verdict: classifier.verdict,
        auc: classifier.auc ?? null,
        threshold: classifier.threshold ?? null,
        p_value: classifier.pValue ?? null,
        columns: classifier.columns.map((column): Json => ({ ...column })),
        examples: [...classifier.examples],
      };

/** The same for people. */
export function driftParts(report: DriftReport): readonly ViewPart[] {
  const because = report.undecidedBecause === undefined ? '' : ` (${report.undecidedBecause})`;
  const bugs: readonly ViewPart[] =
    report.dataBugs.length === 0
      ? []
      : [
          heading('broken data, not a changed world'),
          ...findingParts(report.dataBugs),
          ...report.dataBugs.flatMap((bug) =>
            bug.repair === undefined ? [] : [line(dim(`  ${bug.column ?? ''}: repair: ${bug.repair}`))],
          ),
        ];
  return [
    line(
      'drift: ',
      word(report.verdict),
      because,
      dim(report.total === 0 ? '' : `, ${report.drifted} of ${plural(report.total, 'column')}`),
    ),
    ...(report.detail === undefined ? [] : [line(`  ${report.detail}`)]),
    ...windowLines(report),
    ...(report.features.length === 0 ? [] : [featureTable(report)]),
    ...report.features
      .filter(isExplained)
      .filter((feature) => feature.detail !== undefined)
      .map((feature) => line(`  ${shortName(feature.name)}: ${feature.detail}${traceText(feature.trace)}`)),
    ...driftPlots(report),
    ...classifierLines(report),
    ...segmentParts(report),
    ...bugs,
    ...unclearParts(report.unclear),
    ...eventParts(report.events ?? []),
    ...findingParts(report.warnings),
  ];
}

/** Whether the verdict does not follow from the figures of its row in the table alone. */
const isExplained = (feature: FeatureDrift): boolean =>
  hasMoved(feature) ||
  feature.undecidedBecause === 'blind' ||
  feature.season !== undefined ||
  feature.isExpected === true;

const traceText = (trace: ColumnTrace | undefined): string =>
  trace === undefined
    ? ''
    : `; ${trace.since === undefined ? '' : `since ${moment(trace.since)}, `}${trace.movement}: ${figure(trace.magnitude)} from the first window, by a way of ${figure(trace.pathLength)}`;

function classifierLines({ classifier }: DriftReport): readonly ViewPart[] {
  if (classifier === undefined) return [];
  const telling = classifier.columns
    .slice(0, 3)
    .map((one) => `${shortName(one.name)} ${Math.round(100 * one.share)} %`);
  const figures =
    classifier.auc === undefined
      ? ': too few rows'
      : `: AUC ${figure(classifier.auc)}, limit ${figure(classifier.threshold ?? 1)}${telling.length === 0 ? '' : `; by ${telling.join(', ')}`}`;
  return [line('classifier ', word(classifier.verdict), dim(figures))];
}

const segmentParts = (report: DriftReport): readonly ViewPart[] =>
  report.segments.length === 0
    ? []
    : [
        table(
          ['segment', 'verdict', 'rows', 'drifting', ''],
          report.segments.map((segment) => [
            strong(shortName(`${segment.name}=${segment.value}`)),
            word(segment.verdict),
            dim(String(segment.rows)),
            segment.drifted.map(shortName).join(', ') || '–',
            dim(segment.detail ?? ''),
          ]),
        ),
      ];

const windowLines = ({ reference, current }: DriftReport): readonly ViewPart[] =>
  (
    [
      ['reference', reference],
      ['current', current],
    ] as const
  ).flatMap(([name, window]) => {
    if (window === undefined) return [];
    const range =
      window.from === undefined || window.to === undefined ? '' : `, ${moment(window.from)} … ${moment(window.to)}`;
    return [line(dim(`${name.padEnd(9)} ${window.source}, ${plural(window.rows, 'row')}${range}`))];
  });

const featureTable = (report: DriftReport): ViewPart =>
  table(
    ['column', 'verdict', 'distance', 'limit', 'method', 'p'],
    report.features.map((feature) => [
      strong(shortName(feature.name)),
      word(feature.verdict),
      feature.score === undefined ? '–' : figure(feature.score),
      feature.threshold === undefined ? '–' : figure(feature.threshold),
      dim(feature.method),
      dim(
        feature.pValue === undefined
          ? (feature.detail ?? '–')
          : feature.pValue < 0.0001
            ? '<0.0001'
            : figure(feature.pValue),
      ),
    ]),
  );
