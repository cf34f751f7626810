/** A run that goes on only when another, which uses what it would replace, has ended. The younger a run, the higher its number. */
export interface Wait {
  readonly waiting: number;
  readonly user: number;
}

/** Whether the run waits, perhaps through others, for itself, and no run in such a circle with it is younger. */
export function isYoungestOfCircle(run: number, waits: readonly Wait[]): boolean {
  const ahead = reachable(run, waits);
  if (!ahead.has(run)) return false;
  return ![...ahead].some((other) => other > run && reachable(other, waits).has(run));
}

function reachable(from: number, waits: readonly Wait[]): ReadonlySet<number> {
  const found = new Set<number>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (const { waiting, user } of waits)
      if (waiting === at && !found.has(user)) {
        found.add(user);
        queue.push(user);
      }
  return found;
}
