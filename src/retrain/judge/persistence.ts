import type { EvaluatedCondition } from '../../domain/decisions/decision.js';
import type { Measurements } from '../../domain/decisions/measurements.js';
import type { Persistence } from '../../domain/pipeline/pipeline.js';
import type { Instant } from '../../domain/support/time.js';
import { isHeld, type Seen } from './triggers/seen.js';

/** `for: 2 of 3, every: 7d`: the condition must hold in `count` of the last `of` windows, which are `every` apart. */
export function applyPersistence<T extends Seen>(raw: T, persist: Persistence, { now, history }: Measurements): T {
  if (raw.state === 'undecided') return raw;
  const earlier = history.flatMap((tree) => findAlike(tree, raw));
  const windows = [
    { at: raw.windowEnd ?? now, held: isHeld(raw) },
    ...distinctWindows(earlier, raw.windowEnd ?? now, persist),
  ];
  const held = windows.slice(0, persist.of).filter((one) => one.held).length;
  return {
    ...raw,
    // A condition that does not hold now keeps its own state, which is "not-fired" as well.
    state: held >= persist.count ? raw.state : 'not-fired',
    held: isHeld(raw),
    windowEnd: raw.windowEnd ?? now,
    detail: `${raw.detail ?? ''}; held in ${held} of ${Math.min(windows.length, persist.of)} windows, ${persist.count} of ${persist.of} are needed`,
  };
}

interface Window {
  readonly at: Instant;
  readonly held: boolean;
}

/**
 * The same trigger in an earlier tree, found by its key. Trees from before keys existed are matched by kind and
 * threshold.
 */
function findAlike(tree: EvaluatedCondition, like: EvaluatedCondition): readonly Window[] {
  if (tree.of !== undefined) return tree.of.flatMap((one) => findAlike(one, like));
  const isAlike =
    tree.key === undefined
      ? tree.condition === like.condition && JSON.stringify(tree.threshold) === JSON.stringify(like.threshold)
      : tree.key === like.key;
  if (!isAlike || tree.windowEnd === undefined || tree.state === 'undecided') return [];
  return [{ at: tree.windowEnd, held: tree.held ?? heldByValue(tree) }];
}

const heldByValue = ({ measured, threshold, state }: EvaluatedCondition): boolean =>
  typeof measured === 'number' && typeof threshold === 'number'
    ? measured >= threshold && measured > 0
    : isHeld({ state });

/** Windows newest first. A window closer than `every` to the next one is the same evidence and is dropped. */
function distinctWindows(seen: readonly Window[], newest: Instant, persist: Persistence): readonly Window[] {
  const kept: Window[] = [];
  let last: number = newest;
  for (const one of [...seen].sort((a, b) => b.at - a.at)) {
    if (last - one.at < persist.everyMs) continue;
    kept.push(one);
    last = one.at;
  }
  return kept;
}
