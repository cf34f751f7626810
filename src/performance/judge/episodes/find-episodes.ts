import type { PerformanceWindow, ReferenceLevel } from '../../../domain/data/performance.js';
import type { Instant } from '../../../domain/support/time.js';
import type { Estimate } from '../../../statistics/estimate.js';
import { type DropRule, FEWEST_WINDOWS, judgeAgainst, referenceLevel, USUAL_SDS } from '../performance-drop.js';
import { sustainedFall } from './sustained-fall.js';
import { isUsualSwing } from './usual-swing.js';

/** A window with a value of the metric. */
export type MeasuredWindow = Pick<PerformanceWindow, 'from' | 'to'> & { readonly estimate: Estimate };

/** A fall that has not ended. */
export interface OpenEpisode {
  /** Start of its first bad window. */
  readonly since: Instant;
  /** The level before it. Windows are compared with it until the fall ends. */
  readonly before: ReferenceLevel;
  /** Values of its bad windows, oldest first. */
  readonly bad: readonly Estimate[];
  /** Whether more than one window shows it, or one by far. */
  readonly isConfirmed: boolean;
}

/** A fall that has ended. */
interface EndedEpisode {
  readonly since: Instant;
  /** Start of the first good window after it. */
  readonly until: Instant;
}

export interface WindowHistory {
  /** What the model is compared with before it has windows of its own. */
  readonly baseline: readonly Estimate[];
  /** Oldest first, without overlaps. */
  readonly windows: readonly MeasuredWindow[];
  /** An episode that was open before the first window. */
  readonly open?: OpenEpisode;
  /** Level that the model is compared with until it has enough windows of its own. */
  readonly known?: ReferenceLevel;
  /** Length of a whole window. */
  readonly windowMs: number;
}

export interface FoundEpisodes {
  /** What the last window was compared with. Absent with too few windows before it. */
  readonly before?: ReferenceLevel;
  /** Number of these references. */
  readonly references: number;
  readonly open?: OpenEpisode;
  /** Oldest first. */
  readonly ended: readonly EndedEpisode[];
}

/** Number of newest windows in the reference. */
const MOST_REFERENCES = 52;
/** Standard deviations that are added to the limit if a single window opens an episode by itself. */
const SURER_SDS = 1.3;
/** Log-likelihood that windows must gain at the old level over the bad one to end a confirmed episode: 20 to 1. */
const SURE_RECOVERY = 3;
/** How far below the old level chance may put windows that have recovered: 90 %, one-sided. */
const BACK_SDS = 1.28;

/**
 * Finds the falls of a metric in windows ordered by time. A bad window never becomes part of the reference. It opens an
 * episode, which lasts until windows are back at the level before it. One bad window between good ones is a variation
 * of the metric and no episode, unless it lies far outside. A bad last window opens one,
 * unless earlier windows were as bad and each was good again right after.
 */
export function findEpisodes(
  { baseline, windows, open, known, windowMs }: WindowHistory,
  rule: DropRule,
): FoundEpisodes {
  const walking = { rule, windowMs };
  let walk: Walk = { baseline, known, good: [], suspects: [], returning: [], alone: [], open, ended: [] };
  let compared: Pick<FoundEpisodes, 'before' | 'references'> = comparedWith(walk);
  for (const window of windows) {
    compared = comparedWith(walk);
    walk = walk.open === undefined ? stepOutside(walk, window, walking) : stepInside(walk, walk.open, window, walking);
  }
  const last = walk.suspects.at(-1);
  const isSuspect = last !== undefined && !isSwing(walk, last, rule);
  return { ...compared, open: isSuspect ? openWith(walk, walk.suspects, false) : walk.open, ended: walk.ended };
}

interface Walking {
  readonly rule: DropRule;
  readonly windowMs: number;
}

interface Walk {
  readonly known?: ReferenceLevel;
  readonly baseline: readonly Estimate[];
  readonly good: readonly MeasuredWindow[];
  /** Bad windows that do not make an episode yet. The next good one clears them, so the last window is among them. */
  readonly suspects: readonly MeasuredWindow[];
  readonly open?: OpenEpisode;
  /** Windows of an open episode that look as before the fall. */
  readonly returning: readonly MeasuredWindow[];
  readonly ended: readonly EndedEpisode[];
  /** Of ended episodes those windows that were the only bad one. */
  readonly alone: readonly Estimate[];
}

const referencesOf = ({ baseline, good }: Pick<Walk, 'baseline' | 'good'>): readonly Estimate[] => [
  ...baseline,
  ...good.slice(-MOST_REFERENCES).map((one) => one.estimate),
];

function comparedWith(walk: Walk): Pick<FoundEpisodes, 'before' | 'references'> {
  const references = referencesOf(walk);
  if (walk.open !== undefined) return { before: walk.open.before, references: references.length };
  const isEnough = references.length >= FEWEST_WINDOWS;
  return { before: isEnough ? referenceLevel(references) : walk.known, references: references.length };
}

function stepOutside(walk: Walk, window: MeasuredWindow, { rule }: Walking): Walk {
  const { before } = comparedWith(walk);
  if (before !== undefined && isBad(before, window, rule)) {
    const suspects = [...walk.suspects, window];
    const isFar = isBad(before, window, { ...rule, sds: (rule.sds ?? USUAL_SDS) + SURER_SDS });
    const isSure = isFar && !isSwing(walk, window, rule);
    if (!isSure && suspects.length < 2) return { ...walk, suspects };
    return { ...walk, suspects: [], open: openWith(walk, suspects, true) };
  }
  const good = [...walk.good, ...walk.suspects, window];
  const fallen = sustainedFall(
    walk.baseline,
    good.map((one) => one.estimate),
    rule,
  );
  if (fallen === 0) return { ...walk, good, suspects: [] };
  const earlier = { ...walk, good: good.slice(0, -fallen), suspects: [] };
  return { ...earlier, open: openWith(earlier, good.slice(-fallen), true) };
}

const isBad = (before: ReferenceLevel, { estimate }: MeasuredWindow, rule: DropRule): boolean =>
  judgeAgainst(before, estimate, rule).verdict === 'drift';

function isSwing(walk: Walk, window: MeasuredWindow, { isHigherBetter }: DropRule): boolean {
  const { before } = comparedWith(walk);
  const good = walk.good.slice(-MOST_REFERENCES).map((one) => one.estimate);
  return (
    before !== undefined && isUsualSwing({ good, alone: walk.alone }, window.estimate, { ...before, isHigherBetter })
  );
}

function openWith(walk: Walk, bad: readonly MeasuredWindow[], isConfirmed: boolean): OpenEpisode {
  const [first] = bad;
  const { before } = comparedWith(walk);
  if (first === undefined || before === undefined) throw new Error('internal error: an episode without a bad window');
  return { since: first.from, before, bad: bad.map((one) => one.estimate), isConfirmed };
}

function stepInside(walk: Walk, open: OpenEpisode, window: MeasuredWindow, walking: Walking): Walk {
  if (isBad(open.before, window, walking.rule)) {
    const bad = [...open.bad, ...walk.returning.map((one) => one.estimate), window.estimate];
    return { ...walk, returning: [], open: { ...open, bad, isConfirmed: true } };
  }
  const returning = [...walk.returning, window];
  if (!hasRecovered(open, returning, walking)) return { ...walk, returning };
  const until = (walk.returning[0] ?? window).from;
  return {
    ...walk,
    good: [...walk.good, ...returning],
    returning: [],
    open: undefined,
    alone: open.bad.length === 1 ? [...walk.alone, ...open.bad] : walk.alone,
    ended: [...walk.ended, { since: open.since, until }],
  };
}

/**
 * Whether the newest windows have recovered: they are more likely at the old level than at the episode's, and together
 * no longer below the old level by more than matters. A single window must be nearer to it. After a partial recovery
 * the episode stays open.
 */
function hasRecovered(open: OpenEpisode, returning: readonly MeasuredWindow[], { rule, windowMs }: Walking): boolean {
  if (!open.isConfirmed) return gainAt(open, returning) > 0;
  return [1, 2, 3, 4].some((count) => {
    const group = returning.slice(-count);
    const length = group.reduce((sum, one) => sum + one.to - one.from, 0);
    return length >= windowMs / 2 && gainAt(open, group) > SURE_RECOVERY && isBackAt(open.before, group, rule);
  });
}

/** Log-likelihood that windows gain at the old level over the mean of the bad ones. */
function gainAt({ before, bad }: OpenEpisode, windows: readonly MeasuredWindow[]): number {
  const low = bad.reduce((sum, one) => sum + one.value, 0) / bad.length;
  return windows.reduce((sum, { estimate: { value, standardError } }) => {
    const variance = Math.max(before.spreadVariance + standardError ** 2, 1e-18);
    return sum + ((value - low) ** 2 - (value - before.level) ** 2) / (2 * variance);
  }, 0);
}

function isBackAt(before: ReferenceLevel, windows: readonly MeasuredWindow[], rule: DropRule): boolean {
  const count = windows.length;
  const values = windows.map((one) => one.estimate);
  const mean = values.reduce((sum, one) => sum + one.value, 0) / count;
  const fall = rule.isHigherBetter ? before.level - mean : mean - before.level;
  const sampling = values.reduce((sum, one) => sum + one.standardError ** 2, 0) / count ** 2;
  const error = Math.sqrt(sampling + before.spreadVariance / count + before.levelVariance);
  const chance = BACK_SDS * error;
  return fall <= (count === 1 ? Math.min(rule.drop, chance) : Math.max(rule.drop, chance));
}
