import { severityCounts } from '../../data/views/data-view.js';
import type { Span, ViewPart } from '../../domain/view.js';
import { dim, line, plural, span, strong, table, toned } from '../../render/parts/parts.js';
import { needsAttention } from '../../retrain/views/attention-parts.js';
import { freshnessOf, freshnessWord } from './freshness.js';
import type { PipelineStatus } from './pipeline-status.js';

/** Up to this many pipelines are shown in full; more would not fit a screen. */
const MOST_IN_FULL = 3;
/** Rows of the overview. With its head and the lines below it fits a screen of 24 lines. */
const ROWS = 20;
/** Problems named in a row. */
const MOST_PROBLEMS = 2;

export const isOverview = (statuses: readonly PipelineStatus[]): boolean => statuses.length > MOST_IN_FULL;

/** Worst first: what is broken, what waits for a person, what has changed, what is well. */
export const worstFirst = (statuses: readonly PipelineStatus[]): readonly PipelineStatus[] =>
  statuses
    .map((status, i) => ({ status, i, rank: rankOf(status) }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map(({ status }) => status);

function rankOf(status: PipelineStatus): number {
  const { attention, care, serving, findings, episodes, waiting } = status;
  if (serving.length > 0 || status.problem !== undefined) return 0;
  if (needsAttention(attention, care)) return 1;
  if (findings.some(({ severity }) => severity !== 'warning') || episodes.length > 0 || failsGate(status)) return 2;
  if (waiting !== undefined || attention.suggested !== undefined || findings.length > 0) return 3;
  return freshnessOf(status.plan) === 'stale' ? 4 : 5;
}

/** One row for each pipeline. `isAll`: also those beyond a screen. */
export function overviewParts(statuses: readonly PipelineStatus[], isAll: boolean): readonly ViewPart[] {
  const shown = isAll ? statuses : statuses.slice(0, ROWS);
  const left = statuses.length - shown.length;
  const healthy = statuses.slice(ROWS).every((one) => rankOf(one) > 4) ? ', all of them well' : '';
  return [
    table(['pipeline', 'state', 'champion', 'decision', 'needs a look'], shown.map(rowOf)),
    line(
      dim(
        left > 0
          ? `${plural(left, 'pipeline')} left out${healthy}: refit status --all; one in full: refit status <pipeline>`
          : 'one in full: refit status <pipeline>',
      ),
    ),
  ];
}

function rowOf(status: PipelineStatus): readonly Span[] {
  const { champion, decision, servedMs } = status;
  const served = servedMs === undefined ? '' : `, ${span(servedMs)}`;
  return [
    strong(status.pipeline),
    freshnessWord(status.plan, status.problem === undefined ? undefined : 'invalid'),
    champion === undefined ? dim('none') : `@${champion.version}${served}`,
    decision === undefined ? dim('–') : decision.decision,
    problemsOf(status),
  ];
}

function problemsOf(status: PipelineStatus): Span {
  const { attention, care, serving, findings, episodes, waiting } = status;
  const all = [
    ...(serving.length > 0 ? ['published files'] : []),
    ...(attention.paused === undefined ? [] : ['paused']),
    ...(attention.held === undefined ? [] : ['held']),
    ...(attention.failed === undefined ? [] : ['training failed']),
    ...(attention.refused === undefined ? [] : ['gate refused']),
    ...(attention.isSilent ? ['silent'] : []),
    ...severityCounts(findings),
    ...(episodes.length > 0 ? ['got worse'] : []),
    ...(failsGate(status) ? ['champion fails gate'] : []),
    ...(waiting === undefined ? [] : ['approval']),
    ...(attention.suggested === undefined ? [] : ['suggests training']),
    ...(care.isReviewDue ? ['review due'] : []),
  ];
  const more = all.length - MOST_PROBLEMS;
  const text = [...all.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return text === '' ? '' : toned(text, rankOf(status) < 3 ? 'bad' : 'warn');
}

/** Of the gate as it is now. */
const failsGate = ({ championFailures: failures }: PipelineStatus): boolean =>
  failures !== undefined && !failures.isOfOtherGate && failures.checks.length > 0;
