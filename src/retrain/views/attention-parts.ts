import type { Attention, Care, FailedTraining, RefusedTraining } from '../../domain/decisions/attention.js';
import type { JsonObject } from '../../domain/support/json.js';
import { DAY_MS, HOUR_MS, toIso } from '../../domain/support/time.js';
import type { Span, ViewPart } from '../../domain/view.js';
import { failureText } from '../../render/parts/failure-text.js';
import { dim, line, moment, span, toned } from '../../render/parts/parts.js';

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
  failed: attention.failed === undefined ? null : failedJson(attention.failed),
  refused: attention.refused === undefined ? null : refusedJson(attention.refused),
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

const failedJson = (failed: FailedTraining): JsonObject => ({
  decision: failed.decision,
  in_a_row: failed.inARow,
  problem: problemOf(failed),
  log: logOf(failed) ?? null,
  tail: tailOf(failed),
  next: AGAIN,
});

const logOf = ({ failure }: FailedTraining): string | undefined =>
  failure !== undefined && 'logPath' in failure ? failure.logPath : undefined;

const tailOf = ({ failure }: FailedTraining): readonly string[] =>
  failure !== undefined && 'tail' in failure ? failure.tail : [];

function problemOf({ failure }: FailedTraining): string {
  if (failure === undefined) return 'the process ended before the training did';
  return failureText(failure).what;
}

const refusedJson = (refused: RefusedTraining): JsonObject => ({
  decision: refused.decision,
  in_a_row: refused.inARow,
  pause_after: refused.pauseAfter,
  candidate: refused.candidate === undefined ? null : `${refused.candidate.model}@${refused.candidate.version}`,
  checks: refused.checks.map(({ name, detail }) => ({ name, detail })),
  delayed: refused.delayed ?? null,
  next: nextOf(refused),
});

const AGAIN = 'mend the cause: the trigger is still armed';

/** What would change the gate's answer. */
function nextOf({ inARow, pauseAfter, candidate }: RefusedTraining): string {
  const serve =
    candidate === undefined
      ? ''
      : `; to serve it all the same: refit promote ${candidate.model}@${candidate.version} --force --reason "…"`;
  const goesOn = inARow >= pauseAfter ? 'then "refit resume"' : `${pauseAfter - inARow} more pause the pipeline`;
  return `a candidate that passes these checks changes the answer: other data, code, parameters or gate; ${goesOn}${serve}`;
}

/** Whether a pipeline is listed before the healthy ones. */
export const needsAttention = (attention: Attention, care: Care): boolean =>
  attention.paused !== undefined ||
  attention.held !== undefined ||
  attention.failed !== undefined ||
  attention.refused !== undefined ||
  attention.isSilent ||
  care.isReviewDue;

/** One line for each problem, the most serious first. */
export function attentionParts(attention: Attention): readonly ViewPart[] {
  const { paused, held, suggested, failed, refused } = attention;
  return [
    ...(paused === undefined ? [] : [line(toned('  paused ', 'bad'), pauseText(paused))]),
    ...(held === undefined ? [] : [line(toned('  held ', 'bad'), held)]),
    ...(failed === undefined ? [] : failedParts(failed)),
    ...(refused === undefined ? [] : refusedParts(refused)),
    ...(attention.isSilent ? [line(toned('  silent ', 'bad'), tickText(attention))] : []),
    ...(suggested === undefined
      ? []
      : [line(toned('  suggests ', 'warn'), `${suggested}; "refit retrain --force" does it`)]),
  ];
}

function failedParts(failed: FailedTraining): readonly ViewPart[] {
  const { decision, inARow } = failed;
  const log = logOf(failed);
  return [
    line(
      toned('  failed ', 'bad'),
      problemOf(failed),
      inARow > 1 ? `, ${inARow} times in a row` : '',
      dim(` (${decision})`),
    ),
    ...tailOf(failed).map((one) => line(dim(`    │ ${one}`))),
    line(dim(`    → ${log === undefined ? '' : `the log: ${log}; `}${AGAIN}`)),
  ];
}

function refusedParts(refused: RefusedTraining): readonly ViewPart[] {
  const { candidate, inARow, checks, delayed } = refused;
  const what = candidate === undefined ? 'the candidate' : `${candidate.model}@${candidate.version}`;
  return [
    line(toned('  refused ', 'bad'), `the gate refused ${what}${inARow > 1 ? `, ${inARow} candidates in a row` : ''}`),
    ...checks.map((check) => line(dim(`    ${check.name}: ${check.detail}`))),
    ...(delayed === undefined ? [] : [line(dim(`    ${delayed}`))]),
    line(dim(`    → ${nextOf(refused)}`)),
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
