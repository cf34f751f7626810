import type { Care } from '../../domain/decisions/attention.js';
import type { Notice, NoticeTemplate } from '../../domain/decisions/notice.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { span } from '../../render/parts/parts.js';
import { careJson } from '../../retrain/views/attention-parts.js';

/** A notice with whom to ask about its pipeline. */
export interface ToldNotice extends Notice {
  readonly care?: Care;
}

/** The document that commands and plain webhooks get. */
export const noticeJson = (notice: ToldNotice): JsonObject => ({
  schema_version: 1,
  id: notice.id,
  kind: notice.kind,
  pipeline: notice.pipeline,
  summary: notice.summary,
  at: toIso(notice.at),
  facts: notice.facts,
  ...careJson(notice.care ?? { isReviewDue: false }),
});

/** The body of a webhook as the receiver wants it. */
export function noticeBody(template: NoticeTemplate, notice: ToldNotice): string {
  if (template === 'openlineage') return JSON.stringify(notice.facts);
  if (template === 'slack') return JSON.stringify(slackBody(notice));
  if (template === 'mattermost') return JSON.stringify({ text: markdownOf(notice) });
  return JSON.stringify(template === 'teams' ? teamsBody(notice) : noticeJson(notice));
}

const titleOf = ({ kind, pipeline }: Notice): string => `${pipeline}: ${kind}`;

/** Whom to ask, and which command says more. */
function footerOf({ facts, care, id }: ToldNotice): readonly string[] {
  const { owner, reviewed, isReviewDue } = care ?? { isReviewDue: false };
  const subject = facts.decision ?? (facts.model === undefined ? undefined : `${facts.model}@${facts.version}`);
  return [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(isReviewDue
      ? [reviewed === undefined ? 'no human has looked yet' : `no human has looked for ${span(reviewed.ageMs)}`]
      : []),
    ...(typeof subject === 'string' ? [`refit why ${subject}`] : []),
    id,
  ];
}

/** In Slack's own markup these three characters are commands: a column's name must not call a whole channel. */
const slackEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slackBody(notice: ToldNotice): JsonObject {
  const title = slackEscaped(titleOf(notice));
  const summary = slackEscaped(notice.summary);
  return {
    text: `${title}: ${summary}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${title}*\n${summary}`.slice(0, 2900) } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: slackEscaped(footerOf(notice).join(' · ')) }] },
    ],
  };
}

/** `@all` and the like are broken up by a space of no width. */
const markdownEscaped = (text: string): string => text.replace(/([\\`*_~[\]<>|#])/g, '\\$1').replaceAll('@', '@\u200b');

const markdownOf = (notice: ToldNotice): string =>
  `**${markdownEscaped(titleOf(notice))}**\n${markdownEscaped(notice.summary)}\n${markdownEscaped(footerOf(notice).join(' · '))}`;

/** An adaptive card, as a workflow of Teams takes it. */
const teamsBody = (notice: ToldNotice): JsonObject => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          { type: 'TextBlock', weight: 'Bolder', wrap: true, text: titleOf(notice) },
          { type: 'TextBlock', wrap: true, text: notice.summary },
          { type: 'TextBlock', wrap: true, isSubtle: true, size: 'Small', text: footerOf(notice).join(' · ') },
        ],
      },
    },
  ],
});
