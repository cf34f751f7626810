import type { DriftReport, WindowSummary } from '../domain/drift.js';
import type { DataReport, Finding } from '../domain/finding.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { View, ViewPart } from '../domain/view.js';
import { eventJson, eventParts } from './event-view.js';
import { asJson, dim, figure, heading, line, moment, plural, strong, table, times, toned, word } from './parts.js';

export const findingJson = (finding: Finding): JsonObject => ({
  id: finding.id,
  code: finding.code,
  column: finding.column ?? null,
  severity: finding.severity,
  detail: finding.detail,
  rows: finding.rows ?? null,
  likely_cause: finding.likelyCause ?? null,
  repair: finding.repair ?? null,
  dataset: finding.dataset ?? null,
  sql: finding.sql ?? null,
  calls: finding.calls ?? null,
});

export const dataJson = (report: DataReport): JsonObject => ({
  verdict: report.verdict,
  dataset: report.dataset ?? null,
  rows: report.rows,
  problems: report.problems.map(findingJson),
  outliers: asJson(report.outliers),
  quarantined: report.quarantined,
});

const worst = (reports: readonly DataReport[]): DataReport['verdict'] =>
  (['fail', 'warn'] as const).find((verdict) => reports.some((report) => report.verdict === verdict)) ?? 'pass';

/** The document of `check-data`; with several datasets the fields of the worst are at the top. */
export function dataView(reports: readonly DataReport[]): View {
  const verdict = worst(reports);
  return {
    json: {
      verdict,
      problems: reports.flatMap((report) => report.problems.map(findingJson)),
      outliers: {
        rows: reports.reduce((sum, report) => sum + report.outliers.rows, 0),
        columns: reports.flatMap((report) => report.outliers.columns.map((column): Json => asJson(column))),
      },
      quarantined: reports.reduce((sum, report) => sum + report.quarantined, 0),
      datasets: reports.map(dataJson),
    },
    parts: reports.flatMap(dataParts),
  };
}

function dataParts(report: DataReport): readonly ViewPart[] {
  const outliers = report.outliers.columns.filter((column) => column.count > 0);
  return [
    line(strong(report.dataset ?? 'data'), ' ', word(report.verdict), dim(`, ${plural(report.rows, 'row')} looked at`)),
    ...findingParts(report.problems),
    ...outliers.map((column) =>
      line(
        dim(
          `  ${plural(column.count, 'outlier')} in ${column.name}, outside ${figure(column.lower)} … ${figure(column.upper)} (${column.method}, ${column.action})`,
        ),
      ),
    ),
  ];
}

const callsText = ({ calls }: Finding): string =>
  calls === undefined
    ? ''
    : `of ${plural(calls.answered, 'finding')} of this kind ${calls.bugs} ${calls.bugs === 1 ? 'was a bug' : 'were bugs'}`;

export function findingParts(findings: readonly Finding[]): readonly ViewPart[] {
  if (findings.length === 0) return [];
  return [
    table(
      ['finding', 'column', 'what', 'detail'],
      findings.map((finding) => [
        dim(finding.id),
        strong(finding.column ?? '–'),
        toned(finding.code, finding.severity === 'error' ? 'bad' : 'warn'),
        [finding.detail, finding.likelyCause === undefined ? '' : `likely: ${finding.likelyCause}`, callsText(finding)]
          .filter(Boolean)
          .join('; '),
      ]),
    ),
  ];
}

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

export const driftJson = (report: DriftReport): JsonObject => ({
  verdict: report.verdict,
  undecided_because: report.undecidedBecause ?? null,
  reference: windowJson(report.reference),
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
      ...(feature.unscaled === undefined ? {} : { unscaled: feature.unscaled }),
      ...(feature.moved === undefined ? {} : { moved: feature.moved.map((cell): Json => ({ ...cell })) }),
      ...(feature.detail === undefined ? {} : { detail: feature.detail }),
    }),
  ),
  drifted: report.drifted,
  total: report.total,
  data_bugs: report.dataBugs.map((bug): Json => ({ ...findingJson(bug), kind: bug.code, evidence: bug.evidence })),
  warnings: report.warnings.map(findingJson),
  segments: report.segments.map((segment): Json => ({ ...segment, drifted: [...segment.drifted] })),
  classifier: classifierJson(report.classifier),
  events: (report.events ?? []).map(eventJson),
  nearest_version: null,
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

/** The document of `check-drift`. */
export const driftView = (report: DriftReport): View => ({ json: driftJson(report), parts: driftParts(report) });

function driftParts(report: DriftReport): readonly ViewPart[] {
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
    ...windowLines(report),
    ...(report.features.length === 0 ? [] : [featureTable(report)]),
    ...report.features
      .filter((feature) => feature.verdict === 'drift' && feature.detail !== undefined)
      .map((feature) => line(`  ${shortName(feature.name)}: ${feature.detail}`)),
    ...classifierLines(report),
    ...segmentParts(report),
    ...bugs,
    ...eventParts(report.events ?? []),
    ...findingParts(report.warnings),
  ];
}

/** A column may have any name: on a terminal it takes one short line. */
const shortName = (name: string): string => {
  const plain = JSON.stringify(name).slice(1, -1);
  return plain.length > 60 ? `${plain.slice(0, 57)}…` : plain;
};

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
