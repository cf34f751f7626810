import type { Care } from '../../domain/decisions/attention.js';
import type { Notice, NoticeTemplate } from '../../domain/decisions/notice.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { span } from '../../render/parts/parts.js';
import { careJson } from '../../retrain/views/attention-parts.js';

/** A notice with the owner and the review state of its pipeline. */
export interface NoticeWithCare extends Notice {
  readonly care?: Care;
}

/** The JSON document sent to commands and plain webhooks. */
export const noticeJson = (notice: NoticeWithCare): JsonObject => ({
  schema_version: 1,
  id: notice.id,
  kind: notice.kind,
  pipeline: notice.pipeline,
  summary: notice.summary,
  at: toIso(notice.at),
  facts: notice.facts,
  ...careJson(notice.care ?? { isReviewDue: false }),
});

/** The body of a webhook request in the format of the receiver. */
export function noticeBody(template: NoticeTemplate, notice: NoticeWithCare): string {
  if (template === 'openlineage') return JSON.stringify(notice.facts);
  if (template === 'slack') return JSON.stringify(slackBody(notice));
  if (template === 'mattermost') return JSON.stringify({ text: markdownOf(notice) });
  return JSON.stringify(template === 'teams' ? teamsBody(notice) : noticeJson(notice));
}

const titleOf = ({ kind, pipeline }: Notice): string => `${pipeline}: ${kind}`;

/** Owner, overdue review, and the command that explains the notice. */
function footerOf({ facts, care, id }: NoticeWithCare): readonly string[] {
  const { owner, reviewed, isReviewDue } = care ?? { isReviewDue: false };
  const subject = facts.decision ?? (facts.model === undefined ? undefined : `${facts.model}@${facts.version}`);
  return [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(isReviewDue
      ? [reviewed === undefined ? 'never reviewed by a human' : `not reviewed by a human for ${span(reviewed.ageMs)}`]
      : []),
    ...(typeof subject === 'string' ? [`refit why ${subject}`] : []),
    id,
  ];
}

/** Escapes the control characters of Slack's markup: a column name must not mention a whole channel. */
const slackEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slackBody(notice: NoticeWithCare): JsonObject {
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

/** A zero-width space after `@` prevents mentions such as `@all`. */
const markdownEscaped = (text: string): string => text.replace(/([\\`*_~[\]<>|#])/g, '\\$1').replaceAll('@', '@\u200b');

const markdownOf = (notice: NoticeWithCare): string =>
  `**${markdownEscaped(titleOf(notice))}**\n${markdownEscaped(notice.summary)}\n${markdownEscaped(footerOf(notice).join(' · '))}`;

/** An Adaptive Card for a Teams workflow webhook. */
const teamsBody = (notice: NoticeWithCare): JsonObject => ({
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
