import { findingJson, findingParts, severityCounts } from '../../data/views/data-view.js';
import { eventJson, eventParts } from '../../data/views/event-view.js';
import type { Finding } from '../../domain/data/finding.js';
import type { FutureDecision } from '../../domain/decisions/decision.js';
import type { ChannelState } from '../../domain/decisions/notice.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { Line, View, ViewPart } from '../../domain/view.js';
import { channelJson, channelTrouble } from '../../notify/views/channels-view.js';
import { earnedJson, earnedParts, earnedVerdictJson, earnedVerdictParts } from '../../performance/views/earned-view.js';
import { episodeParts, watchedEpisodeJson } from '../../performance/views/episode-view.js';
import {
  asJson,
  dim,
  fields,
  line,
  metricsText,
  moment,
  plural,
  span,
  strong,
  toned,
} from '../../render/parts/parts.js';
import { attentionJson, attentionParts, careJson, careSpans, tickText } from '../../retrain/views/attention-parts.js';
import { conditionLines } from '../../retrain/views/retrain-view.js';
import { type WaitingVersion, waitingText } from '../../serving/views/approval-view.js';
import { heldJson, heldParts } from '../../serving/views/held-view.js';
import { servingParts } from '../../serving/views/serving-finding.js';
import { freshnessLine, freshnessOf, staleSteps } from './freshness.js';
import { isOverview, overviewParts, worstFirst } from './overview.js';
import type { PipelineStatus } from './pipeline-status.js';

/**
 * The view of `status`, the worst first. Many pipelines are an overview with one row each. `isAll`: also with those that a screen
 * does not hold.
 */
export function statusView(
  given: readonly PipelineStatus[],
  channels: readonly ChannelState[] = [],
  { isAll = false }: { readonly isAll?: boolean } = {},
): View {
  const statuses = worstFirst(given);
  return {
    json: {
      pipelines: statuses.map(pipelineJson),
      notifications: channels.map(channelJson),
    },
    parts: [
      ...(statuses.length === 0
        ? [line('no pipelines here; "refit init" makes one')]
        : isOverview(statuses)
          ? overviewParts(statuses, isAll)
          : statuses.flatMap(statusParts)),
      ...channels.flatMap(channelTrouble),
    ],
  };
}

const pipelineJson = (status: PipelineStatus): JsonObject => ({
  pipeline: status.pipeline,
  file: status.file,
  state: freshnessOf(status.plan),
  stale_steps: status.plan === undefined ? [] : [...staleSteps(status.plan)],
  problem: status.problem ?? null,
  last_run:
    status.lastRun === undefined
      ? null
      : { id: status.lastRun.id, status: status.lastRun.status, started_at: toIso(status.lastRun.startedAt) },
  champion:
    status.champion === undefined
      ? null
      : {
          version: status.champion.version,
          since: status.servedSince === undefined ? null : toIso(status.servedSince.movedAt),
          forced: status.servedSince?.isForced ?? false,
          fails_gate:
            status.championFailures?.isOfOtherGate === true ? [] : [...(status.championFailures?.checks ?? [])],
        },
  waiting_for_approval:
    status.waiting === undefined
      ? null
      : {
          version: status.waiting.version.version,
          since: toIso(status.waiting.since),
          answer: status.waiting.answer,
        },
  last_decision:
    status.decision === undefined
      ? null
      : {
          id: status.decision.id,
          decision: status.decision.decision,
          summary: status.decision.summary,
          now: toIso(status.decision.now),
        },
  serving: status.serving.map((one) => asJson(one)),
  held_moves: status.held.map(heldJson),
  ...attentionJson(status.attention),
  ...careJson(status.care),
  episodes: status.episodes.map(watchedEpisodeJson),
  future_decisions: status.future.map(({ id, cause, decision, now, decidedAt, actor }) => ({
    id,
    cause,
    decision,
    now: toIso(now),
    decided_at: toIso(decidedAt),
    actor,
  })),
  earned: status.earned.map(earnedJson),
  earned_verdicts: status.earnedVerdicts.map(earnedVerdictJson),
  open_findings: status.findings.map(findingJson),
  events: status.events.map(eventJson),
});

const waitingLine = (waiting: WaitingVersion): Line => [
  toned(`${waiting.version.model}@${waiting.version.version}`, 'warn'),
  ` for approval since ${moment(waiting.since)} UTC; `,
  dim(waitingText(waiting)),
];

function futureParts(future: readonly FutureDecision[]): readonly ViewPart[] {
  const ahead = future.filter(({ cause }) => cause === 'clock-ahead');
  const simulated = future.filter(({ cause }) => cause === 'simulated');
  return [
    ...futureLines(ahead, {
      title: 'clock',
      why: 'the clock of that machine was ahead',
      next: 'it delays no later decision; set that clock right',
    }),
    ...futureLines(simulated, {
      title: '--now',
      why: 'a later "--now" was given',
      next: 'it delays no later decision; "--dry-run" shows what refit would decide then, and records nothing',
    }),
  ];
}

function futureLines(
  [newest, ...others]: readonly FutureDecision[],
  { title, why, next }: { readonly title: string; readonly why: string; readonly next: string },
): readonly ViewPart[] {
  if (newest === undefined) return [];
  const more = others.length === 0 ? ' lies' : ` and ${plural(others.length, 'other')} lie`;
  return [
    line(
      toned(`  ${title} `, 'warn'),
      `decision ${newest.id}${more} in the future, up to ${moment(newest.now)}, by ${newest.actor}: ${why}`,
    ),
    line(dim(`    → ${next}`)),
  ];
}

export function statusParts(status: PipelineStatus): readonly ViewPart[] {
  const { lastRun, champion, decision, servedSince } = status;
  return [
    line(strong(status.pipeline), '  ', ...freshnessLine(status.plan, status.problem), dim(`  ${status.file}`)),
    ...status.serving.flatMap(servingParts),
    ...heldParts(status.held),
    ...attentionParts(status.attention),
    ...futureParts(status.future),
    ...status.episodes.flatMap(episodeParts),
    fields([
      [
        'champion',
        champion === undefined
          ? [dim('none')]
          : [
              `${champion.model}@${champion.version}`,
              dim(
                status.servedFrom === undefined
                  ? ''
                  : ` since ${moment(status.servedFrom)} UTC (${span(status.servedMs ?? 0)})`,
              ),
              servedSince?.isForced === true ? toned('  forced past the gate', 'warn') : '',
            ],
      ],
      ['gate', gateSpans(status)],
      ['waits', status.waiting === undefined ? undefined : waitingLine(status.waiting)],
      ['scores', status.evaluation === undefined ? undefined : metricsText(status.evaluation.metrics)],
      ['last run', lastRun === undefined ? [dim('none')] : `${lastRun.id} ${lastRun.status}`],
      [
        'decision',
        decision === undefined
          ? [dim(status.isWatched ? 'none yet: put "refit retrain" into cron' : 'no "retrain" section')]
          : `${decision.decision}, ${moment(decision.now)}: ${decision.summary}`,
      ],
      [
        'ticks',
        status.attention.tick === undefined || status.attention.isSilent ? undefined : tickText(status.attention),
      ],
      ['owner', careSpans(status.care)],
      ['findings', status.findings.length === 0 ? undefined : openFindings(status.findings)],
    ]),
    ...(decision === undefined || status.isAlone !== true
      ? []
      : conditionLines(decision.conditions ?? decision.because)),
    ...findingParts(status.findings),
    ...earnedParts(status.earned),
    ...status.earnedVerdicts.flatMap(earnedVerdictParts),
    ...eventParts(status.events),
  ];
}

/** `3 open findings: 1 error, 2 warnings`, and how many of them a person has called bugs. */
function openFindings(findings: readonly Finding[]): string {
  const answered = findings.filter((one) => one.answer === 'bug').length;
  if (answered === 0) return countsOf(findings);
  const called =
    answered === findings.length ? (answered === 1 ? 'called a bug' : 'all called bugs') : `${answered} called bugs`;
  return `${countsOf(findings)}; ${called}: the next "refit retrain" leaves their rows out, or waits for corrected data`;
}

const countsOf = (findings: readonly Finding[]): string =>
  `${plural(findings.length, 'open finding')}: ${severityCounts(findings).join(', ')}`;

function gateSpans({ champion, championFailures: failures }: PipelineStatus): Line | undefined {
  if (champion === undefined || failures === undefined || failures.checks.length === 0) return undefined;
  const { checks, isOfOtherGate } = failures;
  if (!isOfOtherGate) return [toned('the champion fails it: ', 'bad'), checks.join(', ')];
  return [
    toned('changed since the champion failed it', 'warn'),
    ` (${checks.join(', ')})`,
    dim(`; judge it by today's: refit promote ${champion.model}@${champion.version} --reason "…"`),
  ];
}
