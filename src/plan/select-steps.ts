import type { Step } from '../domain/pipeline.js';

/** Which steps a command means: `only` one, `until` one with all it needs, `from` one with all that need it. */
export function selectSteps(
  steps: readonly Step[],
  selection: { readonly until?: string; readonly only?: string; readonly from?: string },
): readonly Step[] {
  const named = (name: string) => (step: Step) => step.name === name || step.declaredName === name;
  if (selection.only !== undefined) return steps.filter(named(selection.only));
  const until = selection.until === undefined ? undefined : closure(steps, steps.filter(named(selection.until)), 'up');
  const from = selection.from === undefined ? undefined : closure(steps, steps.filter(named(selection.from)), 'down');
  return steps.filter((step) => (until?.has(step.name) ?? true) && (from?.has(step.name) ?? true));
}

function closure(steps: readonly Step[], start: readonly Step[], direction: 'up' | 'down'): ReadonlySet<string> {
  const found = new Set<string>(start.map((step) => step.name));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const step of steps) {
      if (direction === 'up' && found.has(step.name)) for (const name of step.dependsOn) found.add(name);
      if (direction === 'down' && step.dependsOn.some((name) => found.has(name))) found.add(step.name);
    }
  }
  return found;
}

/** Steps in an order in which they can run; ties in the order of the file. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  const here = new Set(steps.map((step) => step.name));
  const done = new Set<string>();
  const ordered: Step[] = [];
  while (ordered.length < steps.length) {
    const next = steps.find(
      (step) => !done.has(step.name) && step.dependsOn.every((name) => done.has(name) || !here.has(name)),
    );
    if (next === undefined) throw new Error('internal error: a cycle reached the planner');
    done.add(next.name);
    ordered.push(next);
  }
  return ordered;
}
