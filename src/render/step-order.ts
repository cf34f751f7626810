/** A step of a run and its place in the drawing of the tree. */
export interface PlacedStep {
  readonly name: string;
  /** The step is drawn below the deepest of these. */
  readonly needs: readonly string[];
  /** 0 for a step that needs no other. */
  readonly depth: number;
}

/**
 * Orders steps as lines of a tree: each step is placed below the deepest step that it needs. `steps` must be in an order in
 * which they may run. Needed steps that are not in the list are ignored.
 */
export function placeSteps(
  steps: readonly { readonly name: string; readonly needs: readonly string[] }[],
): readonly PlacedStep[] {
  const placed = new Map<string, PlacedStep>();
  const children = new Map<string | undefined, string[]>();
  for (const step of steps) {
    const needs = step.needs.filter((name) => placed.has(name));
    const parent = deepest(needs, placed);
    placed.set(step.name, { name: step.name, needs, depth: parent === undefined ? 0 : parent.depth + 1 });
    const siblings = children.get(parent?.name);
    if (siblings === undefined) children.set(parent?.name, [step.name]);
    else siblings.push(step.name);
  }
  const ordered: PlacedStep[] = [];
  const open = [...(children.get(undefined) ?? [])].reverse();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = placed.get(name);
    if (step !== undefined) ordered.push(step);
    open.push(...[...(children.get(name) ?? [])].reverse());
  }
  return ordered;
}

function deepest(needs: readonly string[], placed: ReadonlyMap<string, PlacedStep>): PlacedStep | undefined {
  let found: PlacedStep | undefined;
  for (const name of needs) {
    const step = placed.get(name);
    if (step !== undefined && (found === undefined || step.depth > found.depth)) found = step;
  }
  return found;
}
