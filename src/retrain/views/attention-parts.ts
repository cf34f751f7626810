import type { Attention, Care } from '../../domain/decisions/attention.js';
import type { JsonObject } from '../../domain/support/json.js';
import { DAY_MS, HOUR_MS, toIso } from '../../domain/support/time.js';
import type { Span, ViewPart } from '../../domain/view.js';
import { line, moment, span, toned } from '../../render/parts/parts.js';

const WORDS = new Map([
  [HOUR_MS, 'hourly'],
  [DAY_MS, 'daily'],
  [7 * DAY_MS, 'weekly'],
]);

/** `hourly`, `every 10m`. */
const rhythm = (ms: number): string => WORDS.get(ms) ?? `every ${span(ms)}`;

export const careJson = (care: Care): JsonObject => ({
  owner: care.owner ?? null,
  review_every_ms: care.reviewEveryMs ?? null,
  last_reviewed:
    care.reviewed === undefined
      ? null
      : {
          at: toIso(care.reviewed.at),
          what: care.reviewed.what,
          actor: care.reviewed.actor,
          age_ms: care.reviewed.ageMs,
        },
  review_due: care.isReviewDue,
});

/** `flights-team@example.org, last human action 94d ago (every 90d)`. */
export function careSpans(care: Care): readonly Span[] {
  const { owner, reviewed, reviewEveryMs } = care;
  const asked = reviewEveryMs === undefined ? '' : ` (every ${span(reviewEveryMs)})`;
  const reviewText =
    reviewed === undefined
      ? reviewEveryMs === undefined
        ? ''
        : `no human action yet${asked}; "refit review" records a review`
      : `last human action ${span(reviewed.ageMs)} ago by ${reviewed.actor}${asked}`;
  if (owner === undefined && reviewText === '') return [];
  return [
    owner ?? '',
    owner === undefined || reviewText === '' ? '' : ', ',
    care.isReviewDue ? toned(reviewText, 'warn') : reviewText,
  ];
}

export const attentionJson = (attention: Attention): JsonObject => ({
  paused:
    attention.paused === undefined
      ? null
      : 'by' in attention.paused
        ? { by: attention.paused.by.actor, reason: attention.paused.by.reason, since: toIso(attention.paused.by.now) }
        : { by: null, reason: attention.paused.because, since: null },
  held: attention.held ?? null,
  suggested: attention.suggested ?? null,
  last_tick:
    attention.tick === undefined
      ? null
      : {
          at: toIso(attention.tick.startedAt),
          now: toIso(attention.tick.now),
          age_ms: attention.tick.ageMs,
          decision: attention.tick.end?.decision ?? null,
          problem: attention.tick.end === undefined ? 'unfinished' : (attention.tick.end.problem ?? null),
        },
  tick_every_ms: attention.everyMs ?? null,
  silent: attention.isSilent,
});

/** Whether a pipeline is listed before the healthy ones. */
export const needsAttention = (attention: Attention, care: Care): boolean =>
  attention.paused !== undefined || attention.held !== undefined || attention.isSilent || care.isReviewDue;

/** One line for each problem, the most serious first. */
export function attentionParts(attention: Attention): readonly ViewPart[] {
  const { paused, held, suggested } = attention;
  return [
    ...(paused === undefined ? [] : [line(toned('  paused ', 'bad'), pauseText(paused))]),
    ...(held === undefined ? [] : [line(toned('  held ', 'bad'), held)]),
    ...(attention.isSilent ? [line(toned('  silent ', 'bad'), tickText(attention))] : []),
    ...(suggested === undefined
      ? []
      : [line(toned('  suggests ', 'warn'), `${suggested}; "refit retrain --force" does it`)]),
  ];
}

const pauseText = (paused: NonNullable<Attention['paused']>): string =>
  'by' in paused
    ? `by ${paused.by.actor} since ${moment(paused.by.now)}: ${paused.by.reason}; "refit resume" ends it`
    : paused.because;

/** `last tick 9d ago, expected hourly`. */
export function tickText({ tick, everyMs, isEveryDeclared }: Attention): string {
  const last = tick === undefined ? 'no tick yet' : `last tick ${span(tick.ageMs)} ago${endText(tick.end)}`;
  if (everyMs === undefined) return last;
  return `${last}, ${isEveryDeclared ? 'expected' : 'until then'} ${rhythm(everyMs)}`;
}

const endText = (end: NonNullable<Attention['tick']>['end']): string =>
  end === undefined ? ', not ended' : end.problem === undefined ? '' : `, ${end.problem}`;
