import { type Finding, selectedRows } from '../../domain/data/finding.js';
import type { View } from '../../domain/view.js';
import { line } from '../../render/parts/parts.js';
import { findingJson, findingParts } from './data-view.js';

/** The document of `resolve`. */
export const resolveView = (finding: Finding, answer: string): View => ({
  json: {
    finding: findingJson(finding),
    as: answer,
    excluded: answer === 'bug' && isRowwise(finding),
    excluded_from: answer === 'bug' ? holdersOf(finding) : [],
  },
  parts: [...findingParts([finding]), line(answer === 'normal' ? normalText(finding) : keptOutText(finding))],
});

const normalText = ({ code }: Finding): string =>
  code === 'performance-fell'
    ? 'called normal: the fall is over, and windows are compared with those since it began'
    : 'called normal: it no longer holds a retrain, nor does what is up to twice as bad';

/** Whether a condition tells the rows of a finding, so that they can be kept out. */
export const isRowwise = (finding: Finding): boolean =>
  selectedRows(finding) !== undefined && finding.rowsIn !== undefined;

/** Datasets that are read without these rows from now on. */
const holdersOf = (finding: Finding): readonly string[] =>
  !isRowwise(finding) || finding.rowsIn?.isPrepared === true
    ? []
    : (finding.rowsIn?.datasets ?? (finding.dataset === undefined ? [] : [finding.dataset]));

function keptOutText(finding: Finding): string {
  if (finding.code === 'performance-fell')
    return 'called a bug: the fall stays open until the metric is back, since the rows that caused it are not known';
  if (!isRowwise(finding))
    return 'called a bug: no condition tells its rows, so none are kept out, and it holds every retrain until it is gone from the data, or "refit event … --effect exclude" leaves its time out';
  const holders = holdersOf(finding);
  if (holders.length > 0)
    return `called a bug: its rows are kept out of windows, and of what steps read of ${holders.join(' and ')}`;
  return `called a bug: its rows are kept out of prepared windows and references. No dataset has them under this name: steps still read them, unless "refit event … --effect exclude" leaves their time out`;
}
