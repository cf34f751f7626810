import type { Change, Level } from '../../../domain/data/detector.js';
import { definedOf } from '../../../domain/support/defined.js';
import { doesAlternate, likeliestRamp, type Ramp } from './ramp.js';
import { changePenalty, findSegments, likeliestStep, type Segment } from './segments.js';
import { flatLikelihood, levelled, levelOf, recordedStream, type Stream } from './stream.js';

export interface AnalyseOptions {
  /** Levels of earlier worlds. A change to one of them is `recurring`. */
  readonly references?: readonly { readonly name: string; readonly level: number }[];
  /** A change that returns to the old level within fewer items is a `blip`. */
  readonly blipItems?: number;
  /** A change that takes fewer items is `sudden`. */
  readonly suddenItems?: number;
  /** An alarm that the error rose near an item. That rise is described, if it is near enough. */
  readonly alarm?: Alarm;
}

interface Alarm {
  readonly at: number;
  /** Items between which the rise must lie. */
  readonly from: number;
  readonly to: number;
  /** If the error was back at the old level for so many items, and then rose again, that is the same world again. */
  readonly pause?: Pause;
}

interface Pause {
  readonly least: number;
  readonly most: number;
}

type Settings = Required<Omit<AnalyseOptions, 'alarm'>>;

const DEFAULTS: Settings = { references: [], blipItems: 250, suddenItems: 200 };

/** Two levels are the same if they differ by less than this share of the change between them … */
const SAME_SHARE = 0.25;
/** … and by fewer standard errors of their difference than this. */
const SAME_SDS = 2.58;
/**
 * Gain in log-likelihood from which a ramp, although not proved, widens the interval of a step: 95 %, chi-square with
 * one df.
 */
const MAYBE_SLOW = 1.92;
/** Fewer items are not analysed. */
const FEWEST = 30;

/**
 * The last change in a recorded stream of errors, or the rise that an alarm is about: since when, in what form, from
 * which level to which. Errors are 0 and 1, losses or residuals; all finite. The stream is cut into segments of
 * constant level. Blips are ignored. The last segments that move in one direction are one change, and a straight ramp
 * between two levels is compared with steps by likelihood. A change back to an earlier level is `recurring`, whatever
 * its speed.
 */
export function analyseChange(
  errors: ArrayLike<number>,
  { alarm, ...options }: AnalyseOptions = {},
): Change | undefined {
  const settings = { ...DEFAULTS, ...definedOf(options) };
  if (errors.length < FEWEST) return undefined;
  const recorded = recordedStream(errors);
  if (!recorded.isBits && recorded.variance === 0) return undefined;
  const { stream, segments, blip } = setBlipsAside(recorded, findSegments(recorded), settings.blipItems);
  if (alarm !== undefined) {
    const rise = nearestRise(stream, segments, alarm);
    if (rise === undefined) return undefined;
    // A second fall may follow the one that the alarm is about, so each step of the rise is tried as its last.
    const changes = Array.from({ length: rise.end - rise.first + 1 }, (_, i) => {
      const last = rise.end - i;
      const part = cutAt(stream, segments[last]);
      const change = lastChange(part, segments.slice(0, last + 1), settings);
      return { change, distance: distanceOf(change, part.values.length, alarm.at) };
    });
    // Among equally near changes, the first.
    const { change } = changes.reduce((best, one) => (one.distance < best.distance ? one : best));
    return (alarm.pause && risenAgain(stream, segments, rise.first, alarm.pause)) ?? change;
  }
  if (segments.length > 1) return lastChange(stream, segments, settings);
  return blip === undefined ? undefined : asBlip(recorded, stream, blip);
}

/**
 * The last rise to the level that segment `first` rose to, after a pause at the level before it. Several such rises are
 * one world that comes and goes. A visit must last as long as the shortest pause.
 */
function risenAgain(
  stream: Stream,
  segments: readonly Segment[],
  first: number,
  { least, most }: Pause,
): Change | undefined {
  const levels = segments.map((one) => levelOf(stream, one.from, one.to));
  const lengthOf = (one: Segment | undefined): number => (one === undefined ? 0 : one.to - one.from);
  const [low, high] = [levels[first - 1] ?? 0, levels[first] ?? 0];
  const isAt = (i: number, level: number): boolean => Math.abs((levels[i] ?? 0) - level) <= SAME_SHARE * (high - low);
  const isVisit = (i: number): boolean => lengthOf(segments[i]) >= least && isAt(i, high);
  const isPause = (i: number): boolean =>
    lengthOf(segments[i]) >= least && lengthOf(segments[i]) <= most && isAt(i, low);
  const last = segments.findLastIndex((_, i) => i > first + 1 && isVisit(i) && isPause(i - 1));
  const [visit, pause, now] = [segments[first], segments[last - 1], segments[last]];
  if (visit === undefined || pause === undefined || now === undefined || !isVisit(first)) return undefined;
  const { at, lower, upper } = likeliestStep(stream, pause.from, now.to);
  return {
    form: 'recurring',
    since: { index: at, lower, upper },
    before: levelWithin(stream, { from: pause.from, to: at }),
    after: levelWithin(stream, { from: at, to: now.to }),
    returnedTo: { from: visit.from, to: visit.to },
  };
}

/** Distance between a change and an item; 0 if the item lies within a slow change. One that goes on lasts until `end`. */
function distanceOf({ since, until, form }: Change, end: number, at: number): number {
  const isSlow = form === 'gradual' || form === 'incremental';
  return Math.max(since.index - at, at - (isSlow ? (until ?? end) : since.index), 0);
}

/** First and last segment of the rise nearest to an alarm. Rises that follow each other count as one. */
function nearestRise(stream: Stream, segments: readonly Segment[], { at, from, to }: Alarm) {
  const levels = segments.map((one) => levelOf(stream, one.from, one.to));
  const isRise = (i: number): boolean => (levels[i] ?? 0) > (levels[i - 1] ?? Number.POSITIVE_INFINITY);
  let nearest: { readonly first: number; readonly end: number; readonly distance: number } | undefined;
  for (let first = 1; first < segments.length; first++) {
    if (!isRise(first)) continue;
    let end = first;
    while (end + 1 < segments.length && isRise(end + 1)) end++;
    const [begins, ends] = [segments[first]?.from ?? 0, segments[end]?.from ?? 0];
    const distance = Math.max(0, begins - at, at - ends);
    const isNear = begins <= to && ends >= from;
    if (isNear && (nearest === undefined || distance <= nearest.distance)) nearest = { first, end, distance };
    first = end;
  }
  return nearest;
}

/** The stream up to the end of a segment. */
const cutAt = (stream: Stream, end: Segment | undefined): Stream => ({
  ...stream,
  values: stream.values.subarray(0, end?.to),
});

interface Blip extends Segment {
  /** Start of the segment before it. */
  readonly calmFrom: number;
}

/**
 * Joins the segments on both sides of a short excursion if their level is the same. In the stream that is returned, the
 * items of every excursion have the level around them, so that none of them is taken for a change again. Returns the
 * last such excursion.
 */
function setBlipsAside(recorded: Stream, found: readonly Segment[], blipItems: number) {
  let [stream, segments] = [recorded, found];
  let blip: Blip | undefined;
  for (let i = segments.length - 2; i > 0; i = Math.min(i, segments.length - 1) - 1) {
    const [left, middle, right] = segments.slice(i - 1, i + 2);
    if (left === undefined || middle === undefined || right === undefined) continue;
    if (middle.to - middle.from >= blipItems || !isSameLevel(stream, left, right, middle)) continue;
    blip ??= { ...middle, calmFrom: left.from };
    stream = levelled(stream, middle, levelAround(stream, left, right));
    segments = [...segments.slice(0, i - 1), { from: left.from, to: right.to }, ...segments.slice(i + 2)];
  }
  return { stream, segments, blip };
}

/** Mean of the items of two segments. */
function levelAround(stream: Stream, left: Segment, right: Segment): number {
  const [before, after] = [left.to - left.from, right.to - right.from];
  const sum = before * levelOf(stream, left.from, left.to) + after * levelOf(stream, right.from, right.to);
  return sum / (before + after);
}

/** Whether two segments have the same level, compared with a third one at another level. */
function isSameLevel(stream: Stream, one: Segment, two: Segment, other: Segment): boolean {
  const [a, b] = [levelOf(stream, one.from, one.to), levelOf(stream, two.from, two.to)];
  const away = Math.abs(levelOf(stream, other.from, other.to) - b);
  return isNear(a - b, away, Math.hypot(errorOf(stream, one), errorOf(stream, two)));
}

const isNear = (difference: number, away: number, error: number): boolean =>
  Math.abs(difference) <= SAME_SHARE * away && Math.abs(difference) <= SAME_SDS * error;

/** Standard error of a segment's level. */
function errorOf(stream: Stream, { from, to }: Segment): number {
  const level = levelOf(stream, from, to);
  // One error more and one fewer than seen, so that a level of 0 is not certain (Agresti and Coull 1998).
  const p = (level * (to - from) + 1) / (to - from + 2);
  return Math.sqrt((stream.isBits ? p * (1 - p) : stream.variance) / (to - from));
}

function lastChange(stream: Stream, segments: readonly Segment[], settings: Settings): Change {
  const change = speedOfLast(stream, segments, settings);
  const returnedTo = whatReturned(stream, segments, settings, change);
  return returnedTo === undefined ? change : { ...change, form: 'recurring', returnedTo };
}

/** The last change as one step or one ramp. */
function speedOfLast(stream: Stream, segments: readonly Segment[], { suddenItems }: Settings): Change {
  const n = stream.values.length;
  let slowest: Ramp | undefined;
  for (let steps = monotoneSteps(stream, segments); steps >= 1; steps--) {
    const group = segments.slice(segments.length - steps - 1);
    const from = group[0]?.from ?? 0;
    const ramp = likeliestRamp(stream, from, n);
    const stairs = group.reduce((sum, one) => sum + flatLikelihood(stream, one.from, one.to), 0);
    // A ramp has one parameter more than a step: 95 %, so that a change in progress is recognised early. Every further
    // step has three more.
    const owed = MAYBE_SLOW - (steps - 1) * changePenalty(n);
    if (ramp.likelihood - stairs > owed && ramp.end - ramp.start >= suddenItems) return asRamp(stream, ramp, from);
    slowest = ramp;
  }
  const last = segments.slice(-2);
  const from = last[0]?.from ?? 0;
  const step = likeliestStep(stream, from, n);
  const { at, upper } = step;
  // Early in a slow change a ramp is more likely but not proved. The change may then have begun where the ramp does.
  const isMaybeSlow = slowest !== undefined && slowest.likelihood - step.likelihood > MAYBE_SLOW;
  const lower = isMaybeSlow ? Math.min(step.lower, slowest?.lower ?? at) : step.lower;
  return {
    form: 'sudden',
    since: { index: at, lower, upper },
    before: levelWithin(stream, { from, to: at }),
    after: levelWithin(stream, { from: at, to: n }),
  };
}

/** Number of steps at the end that go in the same direction. */
function monotoneSteps(stream: Stream, segments: readonly Segment[]): number {
  const levels = segments.map(({ from, to }) => levelOf(stream, from, to));
  const signs = levels.slice(1).map((level, i) => Math.sign(level - (levels[i] ?? 0)));
  const other = signs.findLastIndex((sign) => sign !== signs.at(-1));
  return signs.length - 1 - other;
}

function asRamp(stream: Stream, ramp: Ramp, from: number): Change {
  const n = stream.values.length;
  const { start, end, lower, upper } = ramp;
  return {
    form: doesAlternate(stream, ramp) === false ? 'incremental' : 'gradual',
    since: { index: start, lower, upper },
    ...(end < n ? { until: end } : {}),
    before: start - from >= FEWEST ? levelWithin(stream, { from, to: start }) : pointLevel(ramp.before),
    after: n - end >= FEWEST ? levelWithin(stream, { from: end, to: n }) : pointLevel(ramp.after),
  };
}

/** A level from the fit, without items of its own that would give an interval. */
const pointLevel = (value: number): Level => ({ value, lower: value, upper: value, items: 0 });

function asBlip(recorded: Stream, stream: Stream, { from, to, calmFrom }: Blip): Change {
  const { lower, upper } = likeliestStep(recorded, calmFrom, to);
  return {
    form: 'blip',
    since: { index: from, lower: Math.min(lower, from), upper: Math.max(upper, from) },
    until: to,
    before: levelWithin(stream, { from: 0, to: from }),
    after: levelWithin(stream, { from: to, to: stream.values.length }),
    during: levelWithin(recorded, { from, to }),
  };
}

/** The newest earlier segment, or the nearest reference, with the level that the change led to. */
function whatReturned(
  stream: Stream,
  segments: readonly Segment[],
  { references, blipItems }: Settings,
  { since, before, after }: Change,
): Change['returnedTo'] {
  const now = { from: stream.values.length - Math.max(1, after.items), to: stream.values.length };
  if (after.items === 0) return undefined;
  const away = Math.abs(after.value - before.value);
  const earlier = segments
    .slice(0, -2)
    .filter(({ from, to }) => to - from >= blipItems && to < since.index)
    .findLast((one) =>
      isNear(
        levelOf(stream, one.from, one.to) - after.value,
        away,
        Math.hypot(errorOf(stream, one), errorOf(stream, now)),
      ),
    );
  if (earlier !== undefined) return { from: earlier.from, to: earlier.to };
  const known = references
    .filter(({ level }) => isNear(level - after.value, away, errorOf(stream, now)))
    .sort((a, b) => Math.abs(a.level - after.value) - Math.abs(b.level - after.value))[0];
  return known === undefined ? undefined : { name: known.name };
}

/** Mean with its 95 % interval: Wilson's (1927) for errors of 0 and 1, the normal one for numbers. */
function levelWithin(stream: Stream, { from, to }: Segment): Level {
  const [value, items, z] = [levelOf(stream, from, to), to - from, 1.96];
  if (!stream.isBits) {
    const reach = z * Math.sqrt(stream.variance / items);
    return { value, items, lower: value - reach, upper: value + reach };
  }
  const share = (z * z) / items;
  const middle = (value + share / 2) / (1 + share);
  const reach = (z / (1 + share)) * Math.sqrt((value * (1 - value)) / items + share / (4 * items));
  return { value, items, lower: middle - reach, upper: middle + reach };
}
