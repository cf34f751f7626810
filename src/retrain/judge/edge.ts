import { createHash } from 'node:crypto';
import type { Episode, EvaluatedCondition } from '../../domain/decisions/decision.js';
import type { Measurements, TakenTrigger } from '../../domain/decisions/measurements.js';
import type { Condition } from '../../domain/pipeline/pipeline.js';
import { DAY_MS, formatDuration, type Instant, toIso } from '../../domain/support/time.js';
import { eventTrigger } from './triggers/event.js';
import { isHeld, type Seen } from './triggers/seen.js';

export type Leaf = Extract<Condition, { readonly at: unknown }>;

/** A state that still holds so long after it has trained is a reason again: nothing is given up in silence. */
export const AGAIN_MS = 7 * DAY_MS;

/** Identity of a declared trigger: its kind and its limits, wherever in the file it stands. */
export function keyOf({ at: _at, ...declared }: Leaf): string {
  const text = JSON.stringify(Object.entries(declared).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/**
 * What has already been trained for does not fire again. A countable occasion never; a state once an episode, and again
 * when it still holds after `again`. A training that failed has answered nothing: its edge fires on.
 */
export function applyEdge(
  { occasions, ...seen }: Seen & { readonly key: string },
  leaf: Leaf,
  measured: Measurements,
): EvaluatedCondition {
  const { key } = seen;
  if (leaf.fires === 'level')
    return isHeld(seen) ? { ...seen, ids: [`${leaf.kind}:${key}:${toIso(measured.now)}`] } : seen;
  if (occasions !== undefined)
    return once(
      seen,
      occasions.map((one) => (leaf.kind === 'event' ? eventTrigger(leaf.name, one) : `${leaf.kind}:${key}:${one}`)),
      measured,
    );
  return eachEpisode(seen, leaf, measured);
}

function once(seen: EvaluatedCondition, ids: readonly string[], measured: Measurements): EvaluatedCondition {
  if (!isHeld(seen)) return seen;
  const taken = (measured.taken ?? []).filter((one) => ids.includes(one.id));
  const left = ids.filter((id) => !taken.some((one) => one.id === id));
  const last = newest(taken);
  if (left.length > 0 || last === undefined) return { ...seen, ids: left };
  return { ...seen, state: 'not-fired', detail: `${seen.detail ?? ''}; ${last.decision} has trained for it` };
}

function eachEpisode(seen: EvaluatedCondition, leaf: Leaf, measured: Measurements): EvaluatedCondition {
  const { now, championVersion, history } = measured;
  // what a command says of the world is no news because another model serves
  const isOfWorld = leaf.kind === 'command';
  const before = previousEpisode(isOfWorld ? (measured.latest ?? history) : history, seen.key);
  const quietMs = leaf.persist?.everyMs ?? DAY_MS;
  const episode = nextEpisode(seen, before, { now, quietMs });
  const carried = episode === undefined ? seen : { ...seen, episode };
  if (!isHeld(seen) || episode === undefined) return carried;
  const of = isOfWorld ? 'any' : `v${championVersion ?? 0}`;
  const id = `${leaf.kind}:${seen.key}:${of}:${toIso(episode.from)}`;
  const taken = (measured.taken ?? []).filter((one) => one.id.startsWith(`${id}#`));
  const last = newest(taken);
  const againMs = leaf.againMs ?? AGAIN_MS;
  if (last === undefined || now - last.now >= againMs) return { ...carried, ids: [`${id}#${taken.length + 1}`] };
  return {
    ...carried,
    state: 'not-fired',
    detail: `${seen.detail ?? ''}; ${last.decision} has trained for it ${formatDuration(now - last.now)} ago, again after ${formatDuration(againMs)}`,
  };
}

const newest = (taken: readonly TakenTrigger[]): TakenTrigger | undefined =>
  taken.reduce<TakenTrigger | undefined>(
    (last, one) => (last === undefined || one.now > last.now ? one : last),
    undefined,
  );

/** A break shorter than `quietMs` does not end an episode: a signal that flaps is one reason, not many. */
function nextEpisode(
  seen: EvaluatedCondition,
  before: Episode | undefined,
  { now, quietMs }: { readonly now: Instant; readonly quietMs: number },
): Episode | undefined {
  if (seen.state === 'undecided') return before;
  const goesOn = before !== undefined && now - before.heldAt <= quietMs;
  if (isHeld(seen)) return { from: goesOn ? before.from : now, heldAt: now };
  return goesOn ? before : undefined;
}

/** From the newest evaluation of the same trigger: it knows of all those before it. */
function previousEpisode(history: readonly EvaluatedCondition[], key: string | undefined): Episode | undefined {
  for (const tree of history) {
    const found = findByKey(tree, key);
    if (found !== undefined) return found.episode;
  }
  return undefined;
}

function findByKey(tree: EvaluatedCondition, key: string | undefined): EvaluatedCondition | undefined {
  if (tree.of === undefined) return tree.key === key ? tree : undefined;
  for (const one of tree.of) {
    const found = findByKey(one, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
