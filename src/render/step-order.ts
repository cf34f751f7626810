/** A step of a run, where a drawing of its tree puts it. */
export interface PlacedStep {
  readonly name: string;
  /** Of these it lies below the one that most steps come before. */
  readonly needs: readonly string[];
  /** 0: it needs nothing. */
  readonly depth: number;
}

/**
 * Steps in the order of a tree's lines: a step below one that it needs, the one with the longest way to it. `steps`: in
 * an order in which they may run. What is not among them is nobody's parent.
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
