import type { EvaluatedCondition } from '../domain/decision.js';
import type { Persistence } from '../domain/pipeline.js';
import type { Instant } from '../domain/time.js';
import type { Measurements } from './measurements.js';

/** `for: 2 of 3, every: 7d`: the condition must have held in `count` of the last `of` windows that lie `every` apart. */
export function applyPersistence(
  raw: EvaluatedCondition,
  persist: Persistence,
  { now, history }: Measurements,
): EvaluatedCondition {
  if (raw.state === 'undecided') return raw;
  const earlier = history.flatMap((tree) => findAlike(tree, raw));
  const windows = [
    { at: raw.windowEnd ?? now, held: raw.state === 'fired' },
    ...distinctWindows(earlier, raw.windowEnd ?? now, persist),
  ];
  const held = windows.slice(0, persist.of).filter((one) => one.held).length;
  const isFired = raw.state === 'fired' && held >= persist.count;
  return {
    ...raw,
    state: isFired ? 'fired' : 'not-fired',
    windowEnd: raw.windowEnd ?? now,
    detail: `${raw.detail ?? ''}; held in ${held} of ${Math.min(windows.length, persist.of)} windows, ${persist.count} of ${persist.of} are needed`,
  };
}

interface Seen {
  readonly at: Instant;
  readonly held: boolean;
}

/** The same trigger in an earlier tree: by its kind and threshold. Whether it held is read from the measured value. */
function findAlike(tree: EvaluatedCondition, like: EvaluatedCondition): readonly Seen[] {
  if (tree.of !== undefined) return tree.of.flatMap((one) => findAlike(one, like));
  const isAlike =
    tree.condition === like.condition && JSON.stringify(tree.threshold) === JSON.stringify(like.threshold);
  if (!isAlike || tree.windowEnd === undefined || tree.state === 'undecided') return [];
  const held =
    typeof tree.measured === 'number' && typeof tree.threshold === 'number'
      ? tree.measured >= tree.threshold && tree.measured > 0
      : tree.state === 'fired';
  return [{ at: tree.windowEnd, held }];
}

/** Newest first; a window closer than `every` to the one after it is the same evidence again. */
function distinctWindows(seen: readonly Seen[], newest: Instant, persist: Persistence): readonly Seen[] {
  const kept: Seen[] = [];
  let last: number = newest;
  for (const one of [...seen].sort((a, b) => b.at - a.at)) {
    if (last - one.at < persist.everyMs) continue;
    kept.push(one);
    last = one.at;
  }
  return kept;
}
