import type { StepName } from '../../domain/ids.js';
import type { Dataset, InputRef, Step } from '../../domain/pipeline/pipeline.js';
import { compileGlob, globMatches, placesAt } from '../../domain/support/glob.js';
import { suggestOne } from '../../domain/support/near-miss.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import type { BuildContext } from './context.js';
import { createPathIndex, type PathIndex } from './path-index.js';
import { overlaps } from './paths.js';
import type { StepDraft } from './sections/steps.js';
import type { YamlPath } from './source/yaml-source.js';

export interface Written {
  readonly step: StepName;
  readonly path: string;
  readonly at: YamlPath;
  /** The declared step whose instances write the same path. Reported already. */
  readonly sharedBy?: string;
}

/** Orders steps by their inputs and outputs and by `after`. Reports two writers of a path, unknown names and cycles. */
export function connectSteps(
  drafts: readonly StepDraft[],
  datasets: readonly Dataset[],
  context: BuildContext,
): readonly Step[] {
  const written = drafts.flatMap(writtenBy);
  const writers = indexWriters(written, context);
  const named = namesOf(drafts);
  const steps = drafts.map((draft): Step => {
    const byData = (draft.step.inputs ?? []).flatMap((input) => writersOf(input, writers, datasets));
    const byName = draft.after.flatMap((name, i) => resolveAfter(name, [...draft.path, 'after', i], named, context));
    // A step that reads its own output is a cycle of length one.
    return { ...draft.step, dependsOn: [...new Set([...byData, ...byName])].sort() };
  });
  reportCycle(steps, drafts, context);
  return steps;
}

export function writtenBy(draft: StepDraft): readonly Written[] {
  const shared = draft.sharesOutputs ? { sharedBy: draft.step.declaredName } : {};
  const outputs = draft.step.outputs.map((output, i) => ({
    step: draft.step.name,
    path: output.path as string,
    at: draft.outputPaths[i] ?? draft.path,
    ...shared,
  }));
  const metrics = draft.step.metricsPaths
    .filter((path) => !outputs.some((output) => output.path === path))
    .map((path) => ({ step: draft.step.name, path, at: [...draft.path, 'metrics'], ...shared }));
  return [...outputs, ...metrics];
}

/** Marks the datasets whose files are written by steps. */
export function markMade(datasets: readonly Dataset[], drafts: readonly StepDraft[]): readonly Dataset[] {
  const writers = createPathIndex<Written>();
  for (const one of drafts.flatMap(writtenBy)) writers.add(one.path, one);
  return datasets.map((dataset) => ({
    ...dataset,
    isMade: patternsOfDataset(dataset).some((pattern) => matching(pattern, writers).length > 0),
  }));
}

/** The paths of a dataset's files. For a query, those of the datasets that it names. */
export const patternsOfDataset = ({ source }: Dataset): readonly string[] =>
  source.kind === 'paths'
    ? source.patterns
    : source.sql.flatMap((part) => (typeof part === 'string' ? [] : patternsOfDataset(part)));

/** An index of the outputs by path. Reports two writers of one path. */
function indexWriters(written: readonly Written[], context: BuildContext): PathIndex<Written> {
  const index = createPathIndex<Written>();
  for (const second of written) {
    const [first] = index.overlapping(second.path);
    index.add(second.path, second);
    if (first === undefined || (first.sharedBy !== undefined && first.sharedBy === second.sharedBy)) continue;
    const how =
      first.path === second.path ? `"${second.path}"` : `"${second.path}" and "${first.path}", one inside the other`;
    context.report.at(second.at, {
      code: 'two-writers',
      message:
        first.step === second.step
          ? `step "${second.step}" declares ${how} twice`
          : `steps "${first.step}" and "${second.step}" both write ${how}`,
      suggestion: 'give each step its own path',
      related: [{ message: `first written by "${first.step}" here`, at: context.report.position(first.at) }],
    });
  }
  return index;
}

function writersOf(input: InputRef, writers: PathIndex<Written>, datasets: readonly Dataset[]): readonly StepName[] {
  if (input.kind === 'path') return writers.overlapping(input.path).map((one) => one.step);
  if (input.kind === 'glob') return matching(input.pattern, writers);
  const dataset = datasets.find((one) => one.name === input.name);
  return dataset === undefined ? [] : patternsOfDataset(dataset).flatMap((pattern) => matching(pattern, writers));
}

/** The answers of `matching`: many steps of a file may name the same pattern. */
const found = new WeakMap<PathIndex<Written>, Map<string, readonly StepName[]>>();

/** The steps whose outputs match a pattern. A glob may match an output, or files inside an output folder. */
export function matching(pattern: string, writers: PathIndex<Written>): readonly StepName[] {
  const known = found.get(writers) ?? new Map<string, readonly StepName[]>();
  found.set(writers, known);
  const steps = known.get(pattern) ?? stepsMatching(pattern, writers);
  known.set(pattern, steps);
  return steps;
}

function stepsMatching(pattern: string, writers: PathIndex<Written>): readonly StepName[] {
  const glob = compileGlob(pattern);
  const isInFolder = (output: string): boolean => glob.bases.some((base) => isAtOrBelow(base, output));
  const leadsInto = (output: string): boolean => !/\.[^/]*$/.test(output) && glob.isOpen(placesAt(glob, output));
  const isMatch = ({ path }: { readonly path: string }): boolean =>
    globMatches(glob, path) || overlaps(path, pattern) || isInFolder(path) || leadsInto(path);
  const near = new Set(glob.bases.flatMap((base) => writers.overlapping(base)));
  return [...near].filter(isMatch).map((one) => one.step);
}

function namesOf(drafts: readonly StepDraft[]): ReadonlyMap<string, readonly StepName[]> {
  const named = new Map<string, StepName[]>();
  for (const { step } of drafts)
    for (const name of new Set<string>([step.name, step.declaredName])) {
      const known = named.get(name);
      if (known === undefined) named.set(name, [step.name]);
      else known.push(step.name);
    }
  return named;
}

function resolveAfter(
  name: string,
  path: YamlPath,
  named: ReadonlyMap<string, readonly StepName[]>,
  context: BuildContext,
): readonly StepName[] {
  const found = named.get(name);
  if (found === undefined)
    context.report.at(path, {
      code: 'unknown-step',
      message: `there is no step "${name}"`,
      suggestion: suggestOne(name, [...named.keys()], 'steps'),
    });
  return found ?? [];
}

function reportCycle(steps: readonly Step[], drafts: readonly StepDraft[], context: BuildContext): void {
  const cycle = findCycle(steps);
  if (cycle === undefined) return;
  const draft = drafts.find((one) => one.step.name === cycle[0]);
  context.report.atKey(['steps'], draft?.step.declaredName ?? '', {
    code: 'cycle',
    message: `steps wait for each other: ${[...cycle, cycle[0]].join(' → ')}`,
    suggestion: 'an arrow reads "needs an output of"; remove one of these inputs or "after"',
    related: cycle.slice(1).map((name) => ({
      message: `"${name}" is here`,
      at: context.report.position(drafts.find((one) => one.step.name === name)?.path ?? ['steps']),
    })),
  });
}

/** The first cycle in file order. Each step needs the next. */
function findCycle(steps: readonly Step[]): readonly StepName[] | undefined {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<StepName>();
  for (const start of steps) {
    const trail: StepName[] = [];
    const places = new Map<StepName, number>();
    const stack: { readonly name: StepName; readonly depth: number }[] = [{ name: start.name, depth: 0 }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      for (const left of trail.splice(top.depth)) {
        done.add(left);
        places.delete(left);
      }
      const onTrail = places.get(top.name);
      if (onTrail !== undefined) return trail.slice(onTrail);
      if (done.has(top.name)) continue;
      places.set(top.name, trail.length);
      trail.push(top.name);
      for (const next of byName.get(top.name)?.dependsOn ?? []) stack.push({ name: next, depth: trail.length });
    }
    for (const left of trail) done.add(left);
  }
  return undefined;
}
