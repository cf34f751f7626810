import type { ColumnProfile } from '../../../domain/data/profile.js';
import { type Fault, unclear } from '../fault.js';
import { percent } from '../finding.js';
import { type ColumnPast, isSurprising, presentRows, usualShare } from '../past.js';
import { decodeAgain } from './spelling.js';

/** Columns with fewer different texts are lists of kinds: a new one may have another form, and its spelling is compared. */
const LEAST_TEXTS = 50;
const LEAST_ROWS = 50;
/** Nearly all, and nearly none. */
const ALL = 0.98;
const NONE = 0.002;
/** Shorter texts have no beginning that would still tell anything. */
const LEAST_CUT = 8;
/** Share of the texts that must be longer than a cut allows. */
const LEAST_LONGER = 0.1;
/** How close the share of the longest texts must be to that of the texts that a cut would shorten to it. */
const NEAR = 0.1;

interface Shape {
  readonly before: ColumnProfile;
  readonly now: ColumnProfile;
  readonly was: NonNullable<ColumnProfile['text']>;
  readonly is: NonNullable<ColumnProfile['text']>;
}

interface Change {
  readonly code: 'respelled' | 'truncated';
  readonly detail: string;
  readonly cause: string;
  readonly repair: string;
  readonly share: number;
}

/**
 * Ids and free texts, of which nearly all are new in every window, so that only their form can be compared. It has changed in all
 * rows, or texts are cut. All of this is unclear: the texts may come from another source.
 */
export function testTextShape({ before, now, past }: ColumnPast): Fault | undefined {
  const { text: was } = before;
  const { text: is } = now;
  if (was === undefined || is === undefined || Math.min(before.distinct, now.distinct) < LEAST_TEXTS) return undefined;
  if (Math.min(presentRows(before), presentRows(now)) < LEAST_ROWS) return undefined;
  const change = changeOf({ before, now, was, is });
  // What an earlier window had is no fault.
  const isUsual = past.some((one) => one.text !== undefined && changeOf({ before, now: one, was, is: one.text }));
  if (change === undefined || isUsual) return undefined;
  const fault: Fault = {
    code: change.code,
    severity: 'error',
    detail: change.detail,
    likelyCause: change.cause,
    repair: change.repair,
    rows: Math.round(change.share * presentRows(now)),
    selects: change.share === 1 ? { kind: 'present', column: now.name } : undefined,
    evidence: { share: change.share },
  };
  return unclear(fault, 'the texts come from another source, or have another form now');
}

const changeOf = (shape: Shape): Change | undefined =>
  padded(shape) ?? recased(shape) ?? misread(shape) ?? resized(shape) ?? cut(shape);

function padded({ was, is }: Shape): Change | undefined {
  if (was.paddedShare > NONE || is.paddedShare < ALL) return undefined;
  return {
    code: 'respelled',
    detail: `${percent(is.paddedShare)} of the texts have spaces at an end; the reference has none`,
    cause: 'padding',
    repair: 'trim the spaces',
    share: 1,
  };
}

/** Texts in capitals that have become small, or the other way round. */
function recased({ before, now, was, is }: Shape): Change | undefined {
  const isLower = was.upperShare >= ALL && is.upperShare <= NONE && areAll(now, (one) => one === one.toLowerCase());
  const isUpper = was.upperShare <= NONE && is.upperShare >= ALL && areAll(before, () => true);
  if (!isLower && !isUpper) return undefined;
  return {
    code: 'respelled',
    detail: isLower
      ? 'all texts are in small letters; those of the reference are in capitals'
      : 'all texts are in capitals; those of the reference are not',
    cause: 'another upper and lower case',
    repair: 'fold the case',
    share: 1,
  };
}

const kept = (column: ColumnProfile) => column.categories?.top ?? [];

/** Whether nearly all kept texts have letters and this property. */
function areAll(column: ColumnProfile, has: (text: string) => boolean): boolean {
  const texts = kept(column).map((one) => one.value);
  return texts.filter((one) => /\p{L}/u.test(one) && has(one)).length >= ALL * texts.length;
}

/** Letters outside ASCII that were read in another encoding: two signs in place of each. */
function misread({ before, now }: Shape): Change | undefined {
  const count = (column: ColumnProfile, is: (value: string) => boolean): number =>
    kept(column).reduce((sum, one) => sum + (is(one.value) ? one.count : 0), 0);
  const isMisread = (value: string): boolean => decodeAgain(value) !== value;
  const [was, is] = [count(before, isMisread), count(now, isMisread)];
  const [all, rows] = [before, now].map((column) => count(column, () => true));
  if (was > 0 || !isSurprising(is, rows ?? 0, usualShare(0, all ?? 0))) return undefined;
  const share = is / Math.max(1, rows ?? 0);
  return {
    code: 'respelled',
    detail: `${percent(share)} of the texts have letters that were read in another encoding; the reference has none`,
    cause: 'UTF-8 read as Latin-1',
    repair: 'decode Latin-1 as UTF-8',
    share,
  };
}

/** Texts that all had one length, and all have another. */
function resized({ was, is }: Shape): Change | undefined {
  const [before, now] = [was.maxLength, is.maxLength];
  if (was.minLength !== before || is.minLength !== now || before === now) return undefined;
  return {
    code: now < before ? 'truncated' : 'respelled',
    detail: `all texts have ${now} characters; those of the reference have ${before}`,
    cause: now < before ? `texts that lost ${before - now} of their characters` : 'characters that were added',
    repair: 'deliver the text as before',
    share: 1,
  };
}

/** A new longest text, which all are that would be longer. */
function cut({ before, now, is }: Shape): Change | undefined {
  const length = is.maxLength;
  if (length < LEAST_CUT) return undefined;
  const share = (column: ColumnProfile, has: (length: number) => boolean): number => {
    const all = kept(column);
    const rows = all.reduce((sum, one) => sum + one.count, 0);
    const found = all.reduce((sum, one) => sum + (has([...one.value].length) ? one.count : 0), 0);
    return found / Math.max(1, rows);
  };
  const longer = share(before, (one) => one > length);
  const own = share(before, (one) => one === length);
  const longest = share(now, (one) => one === length);
  const isCut = longer >= LEAST_LONGER && longest >= own + longer / 2 && Math.abs(longest - own - longer) <= NEAR;
  if (!isCut) return undefined;
  return {
    code: 'truncated',
    detail: `${percent(longest)} of the texts have ${length} characters and none has more; of the reference ${percent(longer)} have more`,
    cause: `texts cut to ${length} characters`,
    repair: 'deliver the whole text',
    share: longest,
  };
}
