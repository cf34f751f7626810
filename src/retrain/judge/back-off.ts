import type { EvaluatedCondition, RetrainDecision } from '../../domain/decisions/decision.js';
import type { DecisionId } from '../../domain/ids.js';
import { DAY_MS, formatDuration, type Instant, instantOf, toIso } from '../../domain/support/time.js';
import { firedLeaves } from './evaluate-condition.js';

/** A training without a new champion: the gate refused its candidate, or it failed. */
export interface Attempt {
  readonly decision: DecisionId;
  readonly now: Instant;
  readonly outcome: 'refused' | 'failed';
  /** What it trained for. */
  readonly reasons: readonly string[];
  /** Number of decisions since. */
  readonly ticksSince: number;
}

/** Trainings for the same reason are at most this far apart, however often they were refused. */
const LONGEST_MS = 7 * DAY_MS;

/** So many failures in a row are tried again at the next tick. */
const TRIED_AT_ONCE = 2;

/** Triggers whose reason is what happened. A new occasion of any other trigger is the same reason again. */
const BY_OCCASION = new Set(['code_change', 'event', 'performance', 'upstream']);

/** The reasons to train in an evaluated tree. Stable as long as the world gives the same reason. */
function reasonsIn(tree: EvaluatedCondition): readonly string[] {
  const fired = firedLeaves(tree).filter((leaf) => leaf.state === 'fired');
  // Below `not` no leaf fires, and the tree itself is the reason.
  if (fired.length === 0) return tree.state === 'fired' ? [tree.condition] : [];
  return fired.flatMap(({ condition, key, ids = [] }) =>
    BY_OCCASION.has(condition) && ids.length > 0
      ? ids.map((id) => id.replace(/#\d+$/, ''))
      : [`${condition}:${key ?? ''}`],
  );
}

/** What a decision trained for: its own reason, and the declared triggers that fired beside it. */
export const reasonsOf = ({ because, conditions }: Pick<RetrainDecision, 'because' | 'conditions'>): string[] => [
  ...new Set([...reasonsIn(because), ...(conditions === undefined ? [] : reasonsIn(conditions))]),
];

/**
 * The condition that delays a training because the same reason was tried in vain: by 1, 2, 4 … ticks after the first,
 * second, third refusal in a row. The first two failures are tried again at the next tick, because they may pass by
 * themselves.
 * `undefined` if one of the reasons is new, or due again.
 */
export function backOff(
  tree: EvaluatedCondition,
  { attempts, now }: { readonly attempts: readonly Attempt[]; readonly now: Instant },
): EvaluatedCondition | undefined {
  const delays = reasonsIn(tree).map((reason) => delayOf(reason, attempts, now));
  const longest = delays.reduce((last, one) => ((one?.ticks ?? 0) > (last?.ticks ?? 0) ? one : last), delays[0]);
  if (longest === undefined || delays.includes(undefined)) return undefined;
  const { last, tries, ticks } = longest;
  const what = last.outcome === 'refused' ? 'the gate refused' : 'it failed';
  const latest = toIso(instantOf(last.now + LONGEST_MS));
  return {
    condition: 'back-off',
    state: 'not-fired',
    measured: last.ticksSince,
    threshold: ticks,
    detail: `${last.decision} trained for it ${formatDuration(now - last.now)} ago and ${what}, ${tries} in a row; again after ${ticks} tick${ticks === 1 ? '' : 's'}, at the latest ${latest}`,
  };
}

interface Delay {
  readonly last: Attempt;
  readonly tries: number;
  /** Ticks to let pass. */
  readonly ticks: number;
}

function delayOf(reason: string, attempts: readonly Attempt[], now: Instant): Delay | undefined {
  const own = attempts.filter((one) => one.reasons.includes(reason));
  const [last] = own;
  if (last === undefined || now - last.now >= LONGEST_MS) return undefined;
  const refused = own.filter((one) => one.outcome === 'refused').length;
  const weight = refused + Math.max(0, own.length - refused - TRIED_AT_ONCE);
  const ticks = weight === 0 ? 0 : 2 ** (weight - 1);
  return last.ticksSince < ticks ? { last, tries: own.length, ticks } : undefined;
}
