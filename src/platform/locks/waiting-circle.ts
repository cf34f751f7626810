import type { RunId } from '../../domain/ids.js';

/** A run that goes on only when another, which uses what it would replace, has ended. */
export interface Wait {
  readonly waiting: RunId;
  readonly user: RunId;
}

/** Whether the run waits, perhaps through others, for itself, and no run in such a circle with it is younger. Ids sort by time. */
export function isYoungestOfCircle(run: RunId, waits: readonly Wait[]): boolean {
  const ahead = reachable(run, waits);
  if (!ahead.has(run)) return false;
  return ![...ahead].some((other) => other > run && reachable(other, waits).has(run));
}

function reachable(from: RunId, waits: readonly Wait[]): ReadonlySet<RunId> {
  const found = new Set<RunId>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (const { waiting, user } of waits)
      if (waiting === at && !found.has(user)) {
        found.add(user);
        queue.push(user);
      }
  return found;
}
