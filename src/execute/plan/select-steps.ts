import type { StepName } from '../../domain/ids.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import { createReadyQueue } from './ready-queue.js';

/**
 * The steps that a command selects: `only` one, `until` one with all that it needs, `from` one with all that need it.
 */
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

/** Everything reachable from `start`. Visits each step and each edge once. */
function closure(steps: readonly Step[], start: readonly Step[], direction: 'up' | 'down'): ReadonlySet<string> {
  const needs = new Map(steps.map((step) => [step.name, step.dependsOn]));
  const next = direction === 'up' ? needs : dependentsOf(steps);
  const found = new Set<StepName>(start.map((step) => step.name));
  // Iterating over a set also visits what is added during the iteration.
  for (const name of found) for (const one of next.get(name) ?? []) found.add(one);
  return found;
}

function dependentsOf(steps: readonly Step[]): ReadonlyMap<StepName, readonly StepName[]> {
  const dependents = new Map<StepName, StepName[]>();
  for (const step of steps)
    for (const name of step.dependsOn) {
      const known = dependents.get(name);
      if (known === undefined) dependents.set(name, [step.name]);
      else known.push(step.name);
    }
  return dependents;
}

/** Steps in an order in which they can run; ties in the order of the file. */
export function inOrder<T extends Step>(steps: readonly T[]): readonly T[] {
  const positions = new Map(steps.map((step, position) => [step.name, position]));
  const dependents = dependentsOf(steps);
  const missing = steps.map((step) => step.dependsOn.filter((name) => positions.has(name)).length);
  const ready = createReadyQueue();
  missing.forEach((count, position) => {
    if (count === 0) ready.push(position);
  });
  const ordered: T[] = [];
  for (let position = ready.pop(); position !== undefined; position = ready.pop()) {
    const step = steps[position];
    if (step === undefined) throw new Error(`internal error: no step at ${position}`);
    ordered.push(step);
    for (const name of dependents.get(step.name) ?? []) {
      const dependent = positions.get(name) ?? 0;
      missing[dependent] = (missing[dependent] ?? 0) - 1;
      if (missing[dependent] === 0) ready.push(dependent);
    }
  }
  if (ordered.length < steps.length) throw new Error('internal error: a cycle reached the planner');
  return ordered;
}
