import type { ColumnContext, ColumnTrace, DriftReport, WindowSummary } from '../../domain/data/drift.js';
import type { DataReport, Finding, OutlierColumn } from '../../domain/data/finding.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';
import {
  asJson,
  dim,
  figure,
  heading,
  line,
  moment,
  plural,
  strong,
  table,
  times,
  toned,
  word,
} from '../../render/parts/parts.js';
import { shorten } from '../../render/parts/width.js';
import { eventJson, eventParts } from './event-view.js';

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

const columnJson = (column: OutlierColumn): JsonObject => ({
  name: column.name,
  method: column.method,
  limit: column.limit,
  action: column.action,
  lower: column.lower ?? null,
  upper: column.upper ?? null,
  count: column.count,
  detail: column.detail,
});

const outliersJson = ({ rows, columns, byRow }: DataReport['outliers']): JsonObject => ({
  rows,
  columns: columns.map(columnJson),
  by_row: byRow === undefined ? null : asJson(byRow),
});

export const dataJson = (report: DataReport): JsonObject => ({
  verdict: report.verdict,
  dataset: report.dataset ?? null,
  rows: report.rows,
  schema: report.schema ?? null,
  problems: report.problems.map(findingJson),
  outliers: outliersJson(report.outliers),
  quarantined: report.quarantined,
  separate_with: report.separateWith ?? null,
});

const asJsonOrNull = (value: object | undefined): Json => (value === undefined ? null : asJson(value));

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
        columns: reports.flatMap((report) => report.outliers.columns.map(columnJson)),
        by_row: asJsonOrNull(reports.find((report) => report.outliers.byRow !== undefined)?.outliers.byRow),
      },
      quarantined: reports.reduce((sum, report) => sum + report.quarantined, 0),
      datasets: reports.map(dataJson),
    },
    parts: reports.flatMap(dataParts),
  };
}

function dataParts(report: DataReport): readonly ViewPart[] {
  const { columns, byRow } = report.outliers;
  const listed = report.problems.filter((problem) => problem.sql !== undefined);
  return [
    line(strong(report.dataset ?? 'data'), ' ', word(report.verdict), dim(`, ${plural(report.rows, 'row')} looked at`)),
    ...findingParts(report.problems),
    ...(listed.length === 0 ? [] : [line(dim('  the rows of a finding: the statement "sql" of it, with --json'))]),
    ...columns.filter((column) => column.count > 0 || column.lower === undefined).map(outlierLine),
    ...(byRow === undefined || byRow.count === 0
      ? []
      : [
          line(
            dim(
              `  ${plural(byRow.count, 'row')} unlike the others, with a score above ${byRow.threshold} (${byRow.method}, ${byRow.action})`,
            ),
          ),
        ]),
    ...(report.quarantined === 0 ? [] : [line(dim(`  ${plural(report.quarantined, 'row')} set aside`))]),
    ...(report.separateWith === undefined ? [] : [line(dim(`  write them apart: ${report.separateWith}`))]),
  ];
}

const outlierLine = ({ name, method, action, count, lower, upper, detail }: OutlierColumn): ViewPart =>
  line(
    dim(
      lower === undefined || upper === undefined
        ? `  no outliers can be told in ${shortName(name)} by ${method}: ${detail ?? ''}`
        : `  ${plural(count, 'outlier')} in ${shortName(name)}, outside ${figure(lower)} … ${figure(upper)} (${method}, ${action})`,
    ),
  );

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
        strong(shortName(finding.column ?? '–')),
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
  detail: report.detail ?? null,
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
  warnings: report.warnings.map(findingJson),
  segments: report.segments.map((segment): Json => ({ ...segment, drifted: [...segment.drifted] })),
  classifier: classifierJson(report.classifier),
  events: (report.events ?? []).map(eventJson),
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

/** What is known beside a column's own values, for its document and for a finding's evidence. */
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
    ...(report.detail === undefined ? [] : [line(`  ${report.detail}`)]),
    ...windowLines(report),
    ...(report.features.length === 0 ? [] : [featureTable(report)]),
    ...report.features
      .filter((feature) => feature.verdict === 'drift' && feature.detail !== undefined)
      .map((feature) => line(`  ${shortName(feature.name)}: ${feature.detail}${traceText(feature.trace)}`)),
    ...classifierLines(report),
    ...segmentParts(report),
    ...bugs,
    ...eventParts(report.events ?? []),
    ...findingParts(report.warnings),
  ];
}

const traceText = (trace: ColumnTrace | undefined): string =>
  trace === undefined
    ? ''
    : `; ${trace.since === undefined ? '' : `since ${moment(trace.since)}, `}${trace.movement}: ${figure(trace.magnitude)} from the first window, by a way of ${figure(trace.pathLength)}`;

/** A column may have any name: on a terminal it takes one short line. */
const shortName = (name: string): string => {
  const plain = JSON.stringify(name).slice(1, -1);
  return shorten(plain, 60);
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
