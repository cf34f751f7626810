import type { DataReport, Finding, OutlierColumn } from '../../domain/data/finding.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';

import { asJson, dim, figure, heading, line, plural, strong, table, toned, word } from '../../render/parts/parts.js';
import { shorten } from '../../render/parts/width.js';

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
  answer: finding.answer ?? null,
  readings: finding.readings?.map((one) => ({ as: one.as, text: one.text, command: one.command ?? null })),
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
    line(
      strong(report.dataset ?? 'data'),
      ' ',
      word(report.verdict),
      dim(
        [...severityCounts(report.problems), `${plural(report.rows, 'row')} checked`].map((one) => `, ${one}`).join(''),
      ),
    ),
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
        : `  ${plural(count, 'outlier')} in ${shortName(name)}, outside ${figure(lower)} … ${figure(upper)} (${method}, ${detail === undefined ? action : 'too many to set aside'})`,
    ),
  );

const callsText = ({ calls }: Finding): string =>
  calls === undefined
    ? ''
    : `of ${plural(calls.answered, 'finding')} of this kind ${calls.bugs} ${calls.bugs === 1 ? 'was a bug' : 'were bugs'}`;

/** Unclear findings with both readings of each, and the commands that answer them. */
export const unclearParts = (findings: readonly Finding[]): readonly ViewPart[] =>
  findings.length === 0
    ? []
    : [
        heading('a fault or a changed world: the values alone do not say'),
        ...findingParts(findings),
        ...findings.flatMap((finding) =>
          (finding.readings ?? []).map((one) =>
            line(
              dim(`  ${shortName(finding.column ?? '')} ${one.as === 'bug' ? 'a fault' : 'the world'}: `),
              one.text,
              dim(one.command === undefined ? '' : `; if so: ${one.command}`),
            ),
          ),
        ),
      ];

/** `1 error`, `2 warnings`: how many there are of each severity, the worst first. */
export const severityCounts = (findings: readonly Pick<Finding, 'severity'>[]): readonly string[] =>
  (['error', 'unclear', 'warning'] as const).flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [severity === 'unclear' ? `${count} unclear` : plural(count, severity)];
  });

export function findingParts(findings: readonly Finding[]): readonly ViewPart[] {
  if (findings.length === 0) return [];
  return [
    table(
      ['finding', 'severity', 'column', 'what', 'detail'],
      findings.map((finding) => [
        dim(finding.id),
        word(finding.severity),
        strong(shortName(finding.column ?? '–')),
        toned(finding.code, finding.severity === 'error' ? 'bad' : 'warn'),
        [finding.detail, finding.likelyCause === undefined ? '' : `likely: ${finding.likelyCause}`, callsText(finding)]
          .filter(Boolean)
          .join('; '),
      ]),
    ),
  ];
}

/** A column may have any name: on a terminal it takes one short line. */
export const shortName = (name: string): string => {
  const plain = JSON.stringify(name).slice(1, -1);
  return shorten(plain, 60);
};
