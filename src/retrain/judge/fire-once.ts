import { createHash } from 'node:crypto';
import type { EvaluatedCondition, HeldPeriod } from '../../domain/decisions/decision.js';
import type { Measurements, TakenTrigger } from '../../domain/decisions/measurements.js';
import type { Condition } from '../../domain/pipeline/pipeline.js';
import { DAY_MS, formatDuration, type Instant, instantOf, MINUTE_MS, toIso } from '../../domain/support/time.js';
import { eventTrigger } from './triggers/event.js';
import { isHeld, type Seen } from './triggers/seen.js';

export type Leaf = Extract<Condition, { readonly at: unknown }>;

/** A state that still holds this long after a training becomes a reason again. */
export const AGAIN_MS = 7 * DAY_MS;

/**
 * How early a training may come after `again`, at most as a share of it: calls by cron are seconds off, and must not
 * skip a whole turn.
 */
const EARLY_MS = 10 * MINUTE_MS;
const EARLY = 0.01;

/** Identity of a declared trigger: its kind and limits, independent of its place in the file. */
export function keyOf({ at: _at, ...declared }: Leaf): string {
  // As JSON has it: a pipeline just parsed holds keys without a value, the same one from the cache does not.
  const plain: object = JSON.parse(JSON.stringify(declared));
  const text = JSON.stringify(Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/**
 * Prevents repeated trainings for the same reason: an occasion fires once, a state once in each period in which it
 * holds, a fall in performance once until enough new rows show it. A state and a fall fire again after `again`, or when
 * the pipeline file has changed since the gate refused the candidate. After a failed training the trigger fires again.
 */
export function applyEdge(
  { occasions, fall, ...seen }: Seen & { readonly key: string },
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
  return fall === undefined ? eachPeriod(seen, leaf, measured) : eachFall(seen, { leaf, fall, measured });
}

function once(seen: EvaluatedCondition, ids: readonly string[], measured: Measurements): EvaluatedCondition {
  if (!isHeld(seen)) return seen;
  const taken = (measured.taken ?? []).filter((one) => ids.includes(one.id));
  const left = ids.filter((id) => !taken.some((one) => one.id === id));
  const last = newest(taken);
  if (left.length > 0 || last === undefined) return { ...seen, ids: left };
  return { ...seen, state: 'not-fired', detail: `${seen.detail ?? ''}; ${last.decision} has trained for it` };
}

function eachPeriod(seen: EvaluatedCondition, leaf: Leaf, measured: Measurements): EvaluatedCondition {
  const { now, championVersion, history } = measured;
  // A command reports on the world, so a new champion does not make its old state a new reason.
  const isOfWorld = leaf.kind === 'command';
  const before = previousPeriod(isOfWorld ? (measured.latest ?? history) : history, seen.key);
  const quietMs = leaf.persist?.everyMs ?? DAY_MS;
  const heldPeriod = nextPeriod(seen, before, { now, quietMs });
  const carried = { ...seen, heldPeriod };
  if (!isHeld(seen) || heldPeriod === undefined) return carried;
  const of = isOfWorld ? 'any' : `v${championVersion ?? 0}`;
  const id = `${leaf.kind}:${seen.key}:${of}:${toIso(heldPeriod.from)}`;
  const againMs = leaf.againMs ?? AGAIN_MS;
  return onceFor(carried, id, measured, (last) => ({
    isDue: now - last.now >= againMs - Math.min(EARLY_MS, EARLY * againMs),
    next: `again after ${formatDuration(againMs)}`,
  }));
}

interface Fall {
  readonly leaf: Leaf;
  readonly fall: NonNullable<Seen['fall']>;
  readonly measured: Measurements;
}

/** A fall becomes a reason again if a training has not ended it, whichever version serves now. */
function eachFall(seen: EvaluatedCondition, { leaf, fall, measured }: Fall): EvaluatedCondition {
  if (!isHeld(seen)) return seen;
  const { now } = measured;
  const id = `${leaf.kind}:${seen.key}:fall:${toIso(fall.opened)}`;
  return onceFor(seen, id, measured, (last) => {
    const dueAt = leaf.againMs === undefined ? trainsAgainAt(fall.since, last.now) : instantOf(last.now + leaf.againMs);
    return { isDue: now >= dueAt, next: `again from ${toIso(dueAt)}` };
  });
}

/** Share by which the rows since the fall must have grown since the last training. */
const GROWTH = 0.5;

/** When a fall causes another training: when half as many rows more show it, but at the latest after a week. */
const trainsAgainAt = (fallSince: Instant, last: Instant): Instant =>
  instantOf(last + Math.min(AGAIN_MS, GROWTH * Math.max(0, last - fallSince)));

function onceFor(
  seen: EvaluatedCondition,
  id: string,
  { now, taken = [] }: Measurements,
  again: (last: TakenTrigger) => { readonly isDue: boolean; readonly next: string },
): EvaluatedCondition {
  const own = taken.filter((one) => one.id.startsWith(`${id}#`));
  const last = newest(own);
  const { isDue, next } = last === undefined ? { isDue: true, next: '' } : again(last);
  if (last === undefined || last.isRefusedByOldFile === true || isDue)
    return { ...seen, ids: [`${id}#${own.length + 1}`] };
  const ago = formatDuration(now - last.now);
  return {
    ...seen,
    state: 'not-fired',
    detail: `${seen.detail ?? ''}; ${last.decision} has trained for it ${ago} ago, ${next}`,
  };
}

const newest = (taken: readonly TakenTrigger[]): TakenTrigger | undefined =>
  taken.reduce<TakenTrigger | undefined>(
    (last, one) => (last === undefined || one.now > last.now ? one : last),
    undefined,
  );

/**
 * Continues or ends the period in which a trigger holds. It goes on from one evaluation to the next, however rare they
 * are and however late cron is. A break of at most `quietMs` does not end it, so a flapping signal is one reason.
 */
function nextPeriod(
  seen: EvaluatedCondition,
  before: HeldPeriod | undefined,
  { now, quietMs }: { readonly now: Instant; readonly quietMs: number },
): HeldPeriod | undefined {
  const interrupted = before === undefined ? undefined : { ...before, isInterrupted: true };
  if (seen.state === 'undecided') return interrupted;
  const isWithinBreak = before !== undefined && now - before.heldAt <= quietMs;
  if (!isHeld(seen)) return isWithinBreak ? interrupted : undefined;
  const goesOn = before !== undefined && (isWithinBreak || before.isInterrupted !== true);
  return { from: goesOn ? before.from : now, heldAt: now };
}

/** The period from the newest evaluation of the same trigger, which includes all earlier ones. */
function previousPeriod(history: readonly EvaluatedCondition[], key: string | undefined): HeldPeriod | undefined {
  for (const tree of history) {
    const found = findByKey(tree, key);
    if (found !== undefined) return found.heldPeriod;
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
