import type { DatedChange, TrainingWindow } from '../../../domain/data/training-window.js';
import type { Dataset, WindowSpec } from '../../../domain/pipeline/pipeline.js';
import {
  DAY_MS,
  formatDuration,
  HOUR_MS,
  type Instant,
  instantOf,
  roundDown,
  toIso,
  toMinute,
} from '../../../domain/support/time.js';

export interface WindowFacts {
  /** Every change that is known. The last one counts. */
  readonly changes: readonly DatedChange[];
  readonly now: Instant;
  /** Bounds are multiples of this, so that a window does not move with every call. */
  readonly roundingMs: number;
}

type Windowed = Pick<Dataset, 'name'> & { readonly window: WindowSpec };

/**
 * The rows of a dataset that a training reads. With `auto`: those since the last change, at most the longest window and at
 * least the shortest, whatever that takes in.
 */
export function chooseWindow({ name, window }: Windowed, facts: WindowFacts): TrainingWindow {
  const { now, roundingMs } = facts;
  const base = { dataset: name, until: now };
  const ago = (ms: number): Instant => instantOf(roundDown(now, roundingMs) - ms);
  if (window.kind === 'fixed')
    return { ...base, from: ago(window.lengthMs), because: 'fixed', detail: `${name}: ${lengthText(window.lengthMs)}` };
  const { minMs, maxMs } = window;
  const [shortest, longest] = [ago(minMs), maxMs === undefined ? undefined : ago(maxMs)];
  const whole = longest === undefined ? { ...base } : { ...base, from: longest };
  const last = lastOf(facts);
  const longestText = maxMs === undefined ? 'all rows' : `${lengthText(maxMs)} (max)`;
  if (last === undefined)
    return { ...whole, because: 'no-change', detail: `${name}: ${longestText}, because no change is dated` };
  const { change, begin } = last;
  if (longest !== undefined && begin < longest) {
    const detail = `${name}: ${longestText}: ${subjectText(change)} changed before that, ${onText(change.latest)}`;
    return { ...base, from: longest, because: 'max', change, detail };
  }
  if (begin > shortest)
    return {
      ...base,
      from: shortest,
      because: 'min',
      change,
      detail: `${name}: ${lengthText(minMs)} (min): ${whyShort(change, shortest)}`,
    };
  const span = lengthText(now - begin);
  return {
    ...base,
    from: begin,
    because: 'change',
    change,
    detail: `${name}: ${span}, since ${toMinute(begin)}: ${changeText(change, change.complete === undefined ? '' : ', complete by then')}`,
  };
}

/** The change after which the newest world began, and the first moment that is surely of that world. */
function lastOf({ changes, now, roundingMs }: WindowFacts) {
  const begins = changes
    .filter((change) => change.earliest <= now)
    .map((change) => ({ change, begin: roundUp(beginOf(change, now), roundingMs) }));
  return begins.reduce<(typeof begins)[number] | undefined>(
    (last, one) => (last === undefined || one.begin > last.begin ? one : last),
    undefined,
  );
}

/**
 * A sudden change is over at once. After a slow one, the rows since it was complete are of one world. One that goes on step by
 * step makes each row less like today than the next, so it has no other world yet; while old and new alternate, all rows since
 * its beginning hold some of the new.
 */
function beginOf({ form, latest, complete }: DatedChange, now: Instant): Instant {
  if (complete !== undefined) return instantOf(Math.max(latest, complete));
  return form === 'incremental' ? now : latest;
}

const roundUp = (at: Instant, stepMs: number): Instant => instantOf(Math.ceil(at / stepMs) * stepMs);

const subjectText = ({ verdict, subject }: DatedChange): string => (verdict === 'drift' ? `"${subject}"` : subject);

const FORM_TEXT: Readonly<Record<DatedChange['form'], string>> = {
  sudden: '',
  gradual: ', a gradual change',
  incremental: ', an incremental change',
  recurring: ', back at an earlier state',
};

function changeText(change: DatedChange, ending = ''): string {
  const what = `${subjectText(change)} ${change.verdict === 'drift' ? 'moved' : 'fell'}`;
  return `${what}${FORM_TEXT[change.form]}${ending} (${change.verdict})`;
}

/** Why the shortest window is taken although there is a change. */
function whyShort(change: DatedChange, shortest: Instant): string {
  const began = `${changeText(change)} ${onText(change.latest)}`;
  if (change.latest > shortest)
    return `${began}; ${lengthText(change.latest - shortest)} of it are from before, because less is too little to train on`;
  return change.complete === undefined
    ? `${began}, and the change is under way: the newest rows are the most like today`
    : `${began}, and the change was complete only ${onText(change.complete)}`;
}

const onText = (at: Instant): string => `on ${toIso(at).slice(0, 10)}`;

/** Hours of a window of months say nothing. */
const lengthText = (ms: number): string =>
  formatDuration(ms >= 3 * DAY_MS ? Math.round(ms / DAY_MS) * DAY_MS : Math.round(ms / HOUR_MS) * HOUR_MS);
