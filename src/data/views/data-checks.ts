import type { Check } from '../../domain/check.js';
import type { DataReport, Finding } from '../../domain/data/finding.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import { plural } from '../../render/parts/parts.js';

/** The datasets of a pipeline, for the lines that findings are about. Absent for files on the command line. */
export type Declared = Pick<Pipeline, 'name' | 'datasets'> | undefined;

/** One check for each dataset or file, and one for each finding in it. */
export const dataChecks = (reports: readonly DataReport[], pipeline: Declared): readonly Check[] =>
  reports.flatMap((report) => {
    const group = `${pipeline?.name ?? 'files'}: data`;
    const dataset = report.dataset ?? 'rows';
    const read: Check = {
      group,
      name: dataset,
      outcome: 'pass',
      detail: `${plural(report.rows, 'row')} read`,
      at: placeOf(pipeline, report.dataset),
    };
    return [read, ...findingChecks(report.problems, pipeline, group)];
  });

/** A fault, or what may be one, fails; what is only shown is skipped. */
export const findingChecks = (
  findings: readonly Finding[],
  pipeline: Declared,
  group = `${pipeline?.name ?? 'files'}: data`,
): readonly Check[] =>
  findings.map((finding) => ({
    group,
    name: [finding.dataset, finding.column, finding.code].filter(Boolean).join(' '),
    outcome: finding.severity === 'warning' ? 'skipped' : 'fail',
    detail: detailOf(finding, pipeline !== undefined),
    at: placeOf(pipeline, finding.dataset),
  }));

const detailOf = ({ id, detail, likelyCause, repair }: Finding, isRecorded: boolean): string =>
  [
    detail,
    ...(likelyCause === undefined ? [] : [`likely cause: ${likelyCause}`]),
    ...(repair === undefined ? [] : [`repair: ${repair}`]),
    ...(isRecorded ? [`answer it: refit resolve ${id}`] : []),
  ].join('; ');

const placeOf = (pipeline: Declared, dataset: string | undefined): Check['at'] =>
  (pipeline?.datasets.find(({ name }) => name === dataset) ?? pipeline?.datasets[0])?.at;
